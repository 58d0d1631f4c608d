package io.urvpn.fake;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words of one line; a word in double quotes may hold spaces, {@code \n}, {@code \"} and {@code \\}. */
final class Words {
    private static final Pattern WORD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+)");

    private final String line;
    private final Deque<String> words = new ArrayDeque<>();

    Words(String line) {
        this.line = line;
        Matcher matcher = WORD.matcher(line);
        while (matcher.find()) {
            words.add(
                    matcher.group(2) != null
                            ? matcher.group(2)
                            : matcher.group(1).translateEscapes());
        }
    }

    boolean more() {
        return !words.isEmpty();
    }

    String next() {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("a word is missing at the end of: " + line);
        }
        return words.remove();
    }

    int number() {
        return Integer.parseInt(next());
    }

    OptionalInt optionalNumber() {
        return OptionalInt.of(number());
    }

    IllegalArgumentException unknown(String word) {
        return new IllegalArgumentException("'" + word + "' means nothing in: " + line);
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
