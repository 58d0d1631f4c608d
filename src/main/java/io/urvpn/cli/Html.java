package io.urvpn.cli;

import java.util.Locale;

/** Text in HTML and SVG. */
final class Html {
    private Html() {}

    /** Fit for a text and for a quoted attribute: what came from elsewhere is never markup. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        Text.plain(text).codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }

    /** A value of an enumeration as the name of a class; {@code unknown} where this version does not know it. */
    static String word(Enum<?> value) {
        return value == null ? "unknown" : value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
