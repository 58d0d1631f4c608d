package io.urvpn.tunnel;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Takes a configuration apart as openvpn 2.6 does (src/openvpn/options.c: read_config_file, parse_line,
 * check_inline_file). What the daemon would read in pieces, or of which it would take a part only, is refused, so that
 * nothing stands between two lines that it sees and we do not.
 */
final class OpenVpnLines {
    /** OPTION_LINE_SIZE is 256, with the line's end and a NUL. The daemon takes what goes beyond it for another line. */
    private static final int MOST_BYTES = 254;
    /** MAX_PARMS; the daemon drops what goes beyond it. */
    private static final int MOST_WORDS = 16;

    private static final String BYTE_ORDER_MARK = "\uFEFF";
    /** Where bytes were no UTF-8 stands U+FFFD. */
    private static final Pattern NO_TEXT =
            Pattern.compile("[^\\t\\r\\n\\x20-\\x7E\\xA0-\\uFFFC\\x{10000}-\\x{10FFFF}]");

    /**
     * One directive.
     *
     * @param line where it begins, from 1
     * @param name without leading dashes
     * @param values what follows the name on its line
     * @param block text between {@code <name>} and {@code </name>}, each of its lines with its end
     */
    record Directive(int line, String name, List<String> values, Optional<String> block) {}

    private final List<String> lines = new ArrayList<>();
    private final int before;
    private int next;

    private OpenVpnLines(String text, int before) {
        this.before = before;
        for (int from = 0; from < text.length(); ) {
            int end = text.indexOf('\n', from);
            int to = end < 0 ? text.length() : end + 1;
            lines.add(text.substring(from, to));
            from = to;
        }
    }

    /** The directives of a whole configuration, in their order. */
    static List<Directive> read(String text) throws Unusable {
        return new OpenVpnLines(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text, 0).directives();
    }

    /** The directives of a block. */
    static List<Directive> read(Directive block) throws Unusable {
        return new OpenVpnLines(block.block().orElseThrow(), block.line()).directives();
    }

    private List<Directive> directives() throws Unusable {
        List<Directive> directives = new ArrayList<>();
        while (next < lines.size()) {
            String line = take();
            int number = number();
            List<String> words = words(line, number);
            if (words.isEmpty()) {
                continue;
            }
            String name = withoutDashes(words.getFirst());
            List<String> values = List.copyOf(words.subList(1, words.size()));
            boolean opens = values.isEmpty() && name.startsWith("<") && name.endsWith(">");
            directives.add(opens ? block(name, number) : new Directive(number, name, values, Optional.empty()));
        }
        return directives;
    }

    private Directive block(String opening, int number) throws Unusable {
        String name = opening.substring(1, opening.length() - 1);
        String closing = "</" + name + ">";
        StringBuilder text = new StringBuilder();
        while (next < lines.size()) {
            String line = take();
            String told = withoutSpaces(line);
            if (told.startsWith(closing)) {
                if (!withoutSpaces(told.substring(closing.length())).isEmpty()) {
                    throw new Unusable(number(), "has text behind the end of a block; put it on a line of its own");
                }
                return new Directive(number, name, List.of(), Optional.of(text.toString()));
            }
            text.append(line);
        }
        throw new Unusable(number, "begins a block that does not end; it ends with a line such as </ca>");
    }

    private int number() {
        return before + next;
    }

    private String take() throws Unusable {
        String line = lines.get(next++);
        if (NO_TEXT.matcher(line).find()) {
            throw new Unusable(
                    number(), "has a character that is not text (a NUL, another control character, no UTF-8)");
        }
        int length = line.getBytes(StandardCharsets.UTF_8).length - (line.endsWith("\n") ? 1 : 0);
        if (length > MOST_BYTES) {
            throw new Unusable(
                    number(),
                    "has " + length + " bytes; OpenVPN takes at most " + MOST_BYTES
                            + " for one line: break it (base64 can be folded)");
        }
        return line;
    }

    /** Only one pair, and never what would be left empty (bypass_doubledash). */
    private static String withoutDashes(String word) {
        return word.length() >= 3 && word.startsWith("--") ? word.substring(2) : word;
    }

    private enum State {
        BETWEEN,
        WORD,
        QUOTED,
        SINGLE_QUOTED
    }

    /** Words of a line (parse_line). A backslash takes a space, a line's end, a '"' or itself as it is. */
    private static List<String> words(String line, int number) throws Unusable {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        State state = State.BETWEEN;
        boolean escaped = false;
        // the daemon looks at the string's end too, as at a space
        for (char in : (line + '\0').toCharArray()) {
            if (!escaped && in == '\\' && state != State.SINGLE_QUOTED) {
                escaped = true;
                continue;
            }
            boolean taken = true;
            boolean done = false;
            switch (state) {
                case BETWEEN -> {
                    taken = false;
                    if (in == ';' || in == '#') {
                        return limited(words, number);
                    }
                    if (!space(in) && !escaped && in == '"') {
                        state = State.QUOTED;
                    } else if (!space(in) && !escaped && in == '\'') {
                        state = State.SINGLE_QUOTED;
                    } else if (!space(in)) {
                        taken = true;
                        state = State.WORD;
                    }
                }
                case WORD -> done = !escaped && space(in);
                case QUOTED -> done = !escaped && in == '"';
                case SINGLE_QUOTED -> done = in == '\'';
            }
            if (done) {
                words.add(word.toString());
                word.setLength(0);
                state = State.BETWEEN;
            } else if (taken && in != '\0') {
                if (escaped && in != '\\' && in != '"' && !space(in)) {
                    throw new Unusable(
                            number, "has a backslash before something else than a space, a '\"' or a backslash");
                }
                word.append(in);
            }
            escaped = false;
        }
        if (state != State.BETWEEN) {
            throw new Unusable(number, "has a quotation that is not closed, or a backslash at its end");
        }
        return limited(words, number);
    }

    private static List<String> limited(List<String> words, int number) throws Unusable {
        if (words.size() > MOST_WORDS) {
            throw new Unusable(number, "has more than " + MOST_WORDS + " words; OpenVPN takes no more");
        }
        return words;
    }

    /** Without leading ones; Java's own strip takes more for a space than the daemon does. */
    private static String withoutSpaces(String text) {
        int from = 0;
        while (from < text.length() && space(text.charAt(from))) {
            from++;
        }
        return text.substring(from);
    }

    private static boolean space(char in) {
        return in == ' ' || in == '\t' || in == '\r' || in == '\n' || in == '\0';
    }
}
