package io.urvpn.unit.tunnel.fuzz;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What strongSwan 5.9 sees in a swanctl.conf, written after its lexer and grammar (src/libstrongswan/settings), rule by
 * rule, and sharing nothing with the parser. It takes all that strongSwan takes, and judges what of it is dangerous.
 */
final class StrongswanReading {
    private static final Pattern COMMENT = Pattern.compile("[\\t ]*#[^\\r\\n]*");
    private static final Pattern SPACE = Pattern.compile("[\\t\\r ]+");
    private static final Pattern LINE_END = Pattern.compile("\\n|#[^\\n]*\\n");
    private static final Pattern INCLUDE = Pattern.compile("include[\\t ]+[^=]");
    private static final Pattern NAME = Pattern.compile("[^#{}:.,=\"\\r\\n\\t ]+");
    private static final Pattern WORD = Pattern.compile("[^#}\"\\r\\n\\t ]+");
    private static final Pattern REFERENCE = Pattern.compile("[^#{}:.,=\"\\r\\n\\t ]+(\\.[^#{}:.,=\"\\r\\n\\t ]+)*");

    private static final Set<String> KERNEL = Set.of(
            "updown hostaccess reqid mark_in mark_in_sa mark_out set_mark_in set_mark_out if_id_in if_id_out policies"
                    .concat(
                            " policies_fwd_out priority interface hw_offload ipcomp ah_proposals label label_mode local_port")
                    .concat(" handle slot module pin pools mediation mediated_by pubkeys")
                    .split(" "));

    /** strongSwan takes nothing of the text. */
    private static final class NotTaken extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private final String text;
    private final List<String> found = new ArrayList<>();
    private final Deque<String> path = new ArrayDeque<>();
    private int at;

    private StrongswanReading(String text) {
        this.text = text;
    }

    /** What is dangerous in a text that strongSwan takes; empty where there is nothing, or it takes none of it. */
    static Optional<String> danger(String text) {
        StrongswanReading reading = new StrongswanReading(text);
        try {
            reading.statements();
        } catch (NotTaken e) {
            return Optional.empty();
        }
        return reading.found.stream().findFirst();
    }

    private void statements() throws NotTaken {
        while (true) {
            skip();
            if (at >= text.length()) {
                if (!path.isEmpty()) {
                    throw new NotTaken();
                }
                return;
            }
            char in = text.charAt(at);
            if (in == '}') {
                if (path.isEmpty()) {
                    throw new NotTaken();
                }
                at++;
                leave();
            } else if (matches(INCLUDE) > 0) {
                found.add("include");
                at = text.indexOf('\n', at) < 0 ? text.length() : text.indexOf('\n', at);
            } else {
                named();
            }
        }
    }

    private void leave() {
        path.pop();
    }

    /** Spaces, comments and line ends, of which the longest counts. */
    private void skip() {
        while (true) {
            int longest = Math.max(matches(COMMENT), Math.max(matches(SPACE), matches(LINE_END)));
            if (longest == 0) {
                return;
            }
            at += longest;
        }
    }

    private int matches(Pattern pattern) {
        Matcher matcher = pattern.matcher(text).region(at, text.length());
        return matcher.lookingAt() ? matcher.end() - at : 0;
    }

    private String take(Pattern pattern) throws NotTaken {
        int length = matches(pattern);
        if (length == 0) {
            throw new NotTaken();
        }
        at += length;
        return text.substring(at - length, at);
    }

    private void named() throws NotTaken {
        StringBuilder name = new StringBuilder(take(NAME));
        skip();
        while (at < text.length() && text.charAt(at) == '.') {
            at++;
            skip();
            name.append('.').append(take(NAME));
            skip();
        }
        char next = at < text.length() ? text.charAt(at) : 0;
        at++;
        switch (next) {
            case '{' -> enter(name.toString());
            case ':' -> {
                found.add("reference");
                references();
                enter(name.toString());
            }
            case '=' -> setting(name.toString(), value());
            default -> throw new NotTaken();
        }
    }

    private void references() throws NotTaken {
        do {
            skip();
            take(REFERENCE);
            skip();
        } while (at < text.length() && text.charAt(at++) == ',');
        if (text.charAt(at - 1) != '{') {
            throw new NotTaken();
        }
    }

    private void enter(String name) {
        path.push(name);
        String top = path.peekLast().split("\\.")[0];
        if (!Set.of("connections", "secrets").contains(top)) {
            found.add("section " + top);
        }
        if (name.toLowerCase(Locale.ROOT).matches("(.*\\.)?(token|ppk|ntlm|cert|cacert).*") && path.size() > 1) {
            boolean named = path.size() == 2 && top.equals("connections");
            if (!named && !(path.size() == 4)) {
                found.add("section " + name);
            }
        }
    }

    private String value() throws NotTaken {
        List<String> parts = new ArrayList<>();
        while (at < text.length() && "#}\n".indexOf(text.charAt(at)) < 0) {
            char in = text.charAt(at);
            if (in == '\r' || in == ' ' || in == '\t') {
                at++;
            } else if (in == '"') {
                at++;
                parts.add(quoted());
            } else {
                parts.add(take(WORD));
            }
        }
        return String.join(" ", parts);
    }

    private String quoted() throws NotTaken {
        StringBuilder value = new StringBuilder();
        while (true) {
            if (at >= text.length()) {
                throw new NotTaken();
            }
            char in = text.charAt(at++);
            if (in == '"') {
                return value.toString();
            }
            if (in == '\\') {
                if (text.startsWith("\r\n", at)) {
                    at += 2;
                    continue;
                }
                if (at >= text.length()) {
                    throw new NotTaken();
                }
                char escaped = text.charAt(at++);
                switch (escaped) {
                    case 'n' -> value.append('\n');
                    case 'r' -> value.append('\r');
                    case 't' -> value.append('\t');
                    case '\n' -> {}
                    default -> value.append(escaped);
                }
            } else if (in != '\r') {
                value.append(in);
            }
        }
    }

    /** vici compares names without case (vici_config.c: parse_rules). */
    private void setting(String name, String value) {
        String key = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        String low = value.toLowerCase(Locale.ROOT);
        boolean shared = path.size() == 2 && path.peekLast().equals("secrets");
        if (path.isEmpty() || KERNEL.contains(key)) {
            found.add(name);
        } else if (key.equals("mode") && !low.equals("tunnel")) {
            found.add(name + " = " + value);
        } else if (Set.of("certs", "cacerts", "file").contains(key) && value.contains("/")) {
            found.add(name + " = " + value);
        } else if (key.equals("auth") && Set.of("none", "any").contains(low)) {
            found.add(name + " = " + value);
        } else if (key.endsWith("proposals") && low.matches("(.*[-, ])?(null|modpnull)([-, ].*)?")) {
            found.add(name + " = " + value);
        } else if (key.equals("aggressive") && low.matches("yes|true|1|enabled") && !shared) {
            found.add(name + " = " + value);
        }
    }
}
