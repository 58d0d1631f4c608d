package io.urvpn.cli;

import java.util.ArrayList;
import java.util.List;

/** A line of a terminal, of parts in colours. Its width counts what is seen. */
public final class Line {
    /** What a part means; the terminal's own colours, so that they suit its background. */
    public enum Style {
        PLAIN(""),
        BOLD("1"),
        FAINT("2"),
        GOOD("32"),
        BAD("31"),
        BUSY("36"),
        CARE("33");

        private final String code;

        Style(String code) {
            this.code = code;
        }
    }

    private record Part(String text, Style style) {}

    private final List<Part> parts = new ArrayList<>();

    public Line add(String text) {
        return add(text, Style.PLAIN);
    }

    public Line add(String text, Style style) {
        parts.add(new Part(Text.plain(text), style));
        return this;
    }

    /** Filled up with blanks to a width. */
    public Line pad(int width) {
        int missing = width - width();
        return missing > 0 ? add(" ".repeat(missing)) : this;
    }

    public int width() {
        return parts.stream()
                .mapToInt(part -> part.text().codePointCount(0, part.text().length()))
                .sum();
    }

    /** As it is written, no wider than that many columns. */
    public String render(int columns, boolean colour) {
        StringBuilder line = new StringBuilder();
        int left = columns;
        for (Part part : parts) {
            String text = part.text();
            int length = text.codePointCount(0, text.length());
            String seen = length <= left ? text : text.substring(0, text.offsetByCodePoints(0, left));
            left -= Math.min(length, left);
            boolean styled = colour && part.style() != Style.PLAIN && !seen.isEmpty();
            line.append(styled ? "\u001b[" + part.style().code + "m" + seen + "\u001b[0m" : seen);
        }
        return line.toString();
    }
}
