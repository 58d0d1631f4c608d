package io.urvpn.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Values as people read them. */
final class Text {
    static final String NOTHING = "-";
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB");

    private Text() {}

    /**
     * What came from elsewhere, fit for a terminal: a peer or a daemon must not be able to move the cursor, colour, or turn
     * the reading direction. Each such character becomes a question mark.
     */
    static String plain(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints().forEach(c -> plain.appendCodePoint(harmless(c) ? c : '?'));
        return plain.toString();
    }

    private static boolean harmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** Plain, or a dash where there is nothing; a value of an enumeration as the API spells it. */
    static String orDash(Object value) {
        String text = value instanceof Enum<?> one ? spelt(one) : Objects.toString(value, "");
        return text.isEmpty() ? NOTHING : plain(text);
    }

    private static String spelt(Enum<?> value) {
        try {
            JsonProperty property =
                    value.getDeclaringClass().getField(value.name()).getAnnotation(JsonProperty.class);
            return property == null ? value.name() : property.value();
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("each constant is a field", e);
        }
    }

    /** How long ago, as kubectl says it; a moment in the future, of another clock, is now. */
    static String age(Instant since, Instant now) {
        return since == null ? NOTHING : duration(Duration.between(since, now));
    }

    /** In whole seconds, minutes, hours or days. */
    static String duration(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        if (seconds < 2 * 60 * 60) {
            return seconds / 60 + "m";
        }
        return seconds < 2 * 24 * 60 * 60 ? seconds / (60 * 60) + "h" : seconds / (24 * 60 * 60) + "d";
    }

    /** In milliseconds below 10 s. */
    static String millis(long millis) {
        return millis < 10_000 ? millis + " ms" : duration(Duration.ofMillis(millis));
    }

    /** With a unit of 1024. */
    static String bytes(Long bytes) {
        if (bytes == null) {
            return NOTHING;
        }
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.size() - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, UNITS.get(unit));
    }

    /** With the noun in its number: one that takes an s. */
    static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
