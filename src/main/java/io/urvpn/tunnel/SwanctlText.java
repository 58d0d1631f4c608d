package io.urvpn.tunnel;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Takes a swanctl.conf apart: a small part of what strongSwan 5.9 reads (src/libstrongswan/settings: settings_lexer.l,
 * settings_parser.y), in which both see the same. strongSwan takes a name, its '=' and its '{' from different lines, dots
 * in names for sections, several words and strings for one value, a section or setting that comes again for more of the
 * first, and includes and references; here each of these is refused. One reader reads one text.
 */
final class SwanctlText {
    /** Where bytes were no UTF-8 stands U+FFFD. */
    private static final Pattern NO_TEXT = Pattern.compile("[^\\t\\n\\x20-\\x7E\\xA0-\\uFFFC\\x{10000}-\\x{10FFFF}]");
    /** One deeper than anything that may stand in one. */
    private static final int MOST_DEPTH = 6;

    private static final char END = 0;

    /**
     * {@code name = value}.
     *
     * @param line from 1
     */
    record Setting(int line, String name, String value) {}

    /**
     * What stands between braces.
     *
     * @param line where it begins, from 1; 0 for the whole
     * @param settings by name, in their order
     * @param sections by name, in their order
     */
    record Section(int line, String name, Map<String, Setting> settings, Map<String, Section> sections) {
        Section(int line, String name) {
            this(line, name, new LinkedHashMap<>(), new LinkedHashMap<>());
        }
    }

    private final String text;
    private final Deque<Section> open = new ArrayDeque<>();
    private int at;
    private int line = 1;

    private SwanctlText(String text) {
        this.text = text;
    }

    /** The whole, a section without a name. */
    static Section read(String text) throws Unusable {
        String unixLines = text.replace("\r\n", "\n");
        int number = 0;
        for (String line : unixLines.split("\n", -1)) {
            number++;
            if (NO_TEXT.matcher(line).find()) {
                throw new Unusable(
                        number,
                        "has a character that is not text (a NUL, another control character, no UTF-8, a carriage return"
                                + " within the line)");
            }
        }
        return new SwanctlText(unixLines).whole();
    }

    private Section whole() throws Unusable {
        Section root = new Section(0, "");
        open.push(root);
        while (skipToNext()) {
            if (text.charAt(at) == '}') {
                close();
            } else {
                named();
            }
        }
        if (open.size() > 1) {
            throw new Unusable(open.peek().line(), "begins a section that does not end; it ends with a '}'");
        }
        return root;
    }

    private void close() throws Unusable {
        if (open.size() == 1) {
            throw new Unusable(line, "has a '}' that no '{' belongs to; remove it");
        }
        open.pop();
        at++;
    }

    private void named() throws Unusable {
        String name = name();
        skipSpaces();
        switch (peek()) {
            case '{' -> section(name);
            case '=' -> {
                at++;
                put(new Setting(line, name, value()));
            }
            case ':' ->
                throw new Unusable(
                        line, "refers to another section with ':', which is not supported; write out what it has");
            case '.' ->
                throw new Unusable(
                        line, "has a name with a dot, which strongSwan takes for sections; write these with { }");
            default -> throw new Unusable(line, "must have a '{' or a '=' behind its first name, on the same line");
        }
    }

    private String name() throws Unusable {
        int from = at;
        while (nameLetter(peek())) {
            at++;
        }
        String name = text.substring(from, at);
        if (name.isEmpty()) {
            throw new Unusable(
                    line,
                    "does not begin with the name of a section or setting (letters, digits, '-', '_'), or has more than"
                            + " one setting");
        }
        if (name.equals("include")) {
            throw new Unusable(line, "include would read other files; put everything into one key of the Secret");
        }
        return name;
    }

    private static boolean nameLetter(char in) {
        return (in >= 'a' && in <= 'z')
                || (in >= 'A' && in <= 'Z')
                || (in >= '0' && in <= '9')
                || in == '-'
                || in == '_';
    }

    private void section(String name) throws Unusable {
        at++;
        Section section = new Section(line, name);
        Section before = open.peek().sections().putIfAbsent(name, section);
        if (before != null) {
            throw new Unusable(
                    line,
                    "begins a section that line " + before.line() + " has already, and strongSwan would make one of"
                            + " both; put all into one, or name it otherwise");
        }
        open.push(section);
        if (open.size() > MOST_DEPTH) {
            throw new Unusable(line, "begins a section deeper than any that swanctl.conf has; a '}' may be missing");
        }
    }

    private void put(Setting setting) throws Unusable {
        Setting before = open.peek().settings().putIfAbsent(setting.name(), setting);
        if (before != null) {
            throw new Unusable(
                    setting.line(),
                    "sets what line " + before.line() + " has set already, and strongSwan would take the last one; keep"
                            + " one of the two");
        }
    }

    private String value() throws Unusable {
        skipSpaces();
        String value = peek() == '"' ? quoted() : words();
        if (value.isEmpty()) {
            throw new Unusable(line, "has a setting without a value; write one, or remove it");
        }
        return value;
    }

    /** A backslash takes a quote or another one; what else strongSwan has behind it is refused. */
    private String quoted() throws Unusable {
        StringBuilder value = new StringBuilder();
        at++;
        while (peek() != '"') {
            if (ended()) {
                throw new Unusable(line, "has a quotation that does not end on its line; close it with a '\"'");
            }
            if (peek() == '\\') {
                at++;
                if (peek() != '"' && peek() != '\\') {
                    throw new Unusable(line, "has a backslash before something else than a '\"' or a backslash");
                }
            }
            value.append(text.charAt(at++));
        }
        at++;
        skipSpaces();
        if (!ended() && peek() != '#' && peek() != '}') {
            throw new Unusable(line, "has text behind a quotation; a value is one quotation, or words without one");
        }
        return value.toString();
    }

    /** Up to the line's end, a comment or the section's end; between two words strongSwan has one space. */
    private String words() throws Unusable {
        int from = at;
        while (!ended() && peek() != '#' && peek() != '}') {
            char in = peek();
            if ("\"'\\;{".indexOf(in) >= 0 || in > '~') {
                throw new Unusable(
                        line,
                        "has a " + (in > '~' ? "letter beyond ASCII" : "'" + in + "'")
                                + " in a value without quotation; put each setting on a line of its own, and such a"
                                + " value between '\"'");
            }
            at++;
        }
        String raw = text.substring(from, at);
        if (peek() == '#' && !raw.isEmpty() && !space(raw.charAt(raw.length() - 1))) {
            throw new Unusable(line, "has a '#' within a word, where a comment begins; put such a value between '\"'");
        }
        String value = raw.strip().replaceAll("[ \\t]+", " ");
        if ((" " + value).contains(" =")) {
            throw new Unusable(line, "has more than one '='; put each setting on a line of its own");
        }
        return value;
    }

    /** Returns false at the end. */
    private boolean skipToNext() {
        while (at < text.length()) {
            char in = text.charAt(at);
            if (in == '#') {
                while (!ended()) {
                    at++;
                }
            } else if (in == '\n') {
                line++;
                at++;
            } else if (space(in)) {
                at++;
            } else {
                return true;
            }
        }
        return false;
    }

    private void skipSpaces() {
        while (space(peek())) {
            at++;
        }
    }

    private boolean ended() {
        return at >= text.length() || text.charAt(at) == '\n';
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : END;
    }

    private static boolean space(char in) {
        return in == ' ' || in == '\t';
    }
}
