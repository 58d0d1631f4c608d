package io.urvpn.cleanup;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as {@code spec.cleanup.nodeLostAfter} has them: {@code 1h30m}, {@code 5m}, {@code 90s}. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("(?=.)(?:([0-9]{1,4})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,5})s)?");

    private Durations() {}

    /**
     * Parses one.
     *
     * @throws IllegalArgumentException where the text is not of that form
     */
    public static Duration parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no duration such as 5m or 1h30m");
        }
        return Duration.ofHours(number(parts.group(1)))
                .plusMinutes(number(parts.group(2)))
                .plusSeconds(number(parts.group(3)));
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
