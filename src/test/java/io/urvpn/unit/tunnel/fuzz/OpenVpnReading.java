package io.urvpn.unit.tunnel.fuzz;

import io.urvpn.unit.tunnel.OpenVpnSpellings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What openvpn 2.6 sees in a configuration, written after its options.c (read_config_file, parse_line,
 * check_inline_file), and sharing nothing with the parser: lines come in pieces of 255 bytes, each ends at its first NUL.
 */
final class OpenVpnReading {
    private static final int PIECE = 255;
    private static final Set<String> FILES = Set.of(
            "ca",
            "cert",
            "key",
            "extra-certs",
            "pkcs12",
            "tls-auth",
            "tls-crypt",
            "tls-crypt-v2",
            "crl-verify",
            "auth-user-pass",
            "askpass");
    private static final Set<String> DANGEROUS = new HashSet<>();

    static {
        OpenVpnSpellings.DANGEROUS.forEach(directive -> DANGEROUS.add(directive.split(" ")[0]));
        OpenVpnSpellings.ALLOWED.forEach(directive -> DANGEROUS.remove(directive.split(" ")[0]));
        DANGEROUS.removeAll(FILES);
    }

    private static final class NotTaken extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private final List<String> pieces = new ArrayList<>();
    private final List<String> found = new ArrayList<>();
    private int next;

    private OpenVpnReading(String text) {
        StringBuilder piece = new StringBuilder();
        for (char in : text.toCharArray()) {
            piece.append(in);
            if (in == '\n' || piece.length() == PIECE) {
                add(piece);
            }
        }
        add(piece);
    }

    private void add(StringBuilder piece) {
        int end = piece.indexOf("\0");
        if (!piece.isEmpty()) {
            pieces.add(end < 0 ? piece.toString() : piece.substring(0, end));
        }
        piece.setLength(0);
    }

    /** What is dangerous in a text that openvpn takes; empty where there is nothing, or it takes none of it. */
    static Optional<String> danger(String text) {
        // openvpn reads bytes; a letter beyond ASCII has several, of which none is anything to it
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        String raw = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
        OpenVpnReading reading = new OpenVpnReading(raw.startsWith("\u00ef\u00bb\u00bf") ? raw.substring(3) : raw);
        try {
            reading.read();
        } catch (NotTaken e) {
            return Optional.empty();
        }
        return reading.found.stream().findFirst();
    }

    private void read() throws NotTaken {
        while (next < pieces.size()) {
            List<String> words = words(pieces.get(next++));
            if (words.isEmpty()) {
                continue;
            }
            String first = words.getFirst();
            String name = first.length() >= 3 && first.startsWith("--") ? first.substring(2) : first;
            if (words.size() == 1 && name.startsWith("<") && name.endsWith(">") && name.length() > 2) {
                block(name.substring(1, name.length() - 1));
                continue;
            }
            if (name.equals("setenv") && words.size() > 2 && words.get(1).equals("opt")) {
                judge(words.get(2), words.subList(3, words.size()));
            } else {
                judge(name, words.subList(1, words.size()));
            }
        }
    }

    private void block(String name) throws NotTaken {
        StringBuilder content = new StringBuilder();
        while (next < pieces.size()) {
            String piece = pieces.get(next++);
            if (piece.replaceFirst("^[ \\t\\r\\n\\x0B\\f]+", "").startsWith("</" + name + ">")) {
                if (name.equals("connection")) {
                    OpenVpnReading inner = new OpenVpnReading(content.toString());
                    inner.read();
                    found.addAll(inner.found);
                } else if (!FILES.contains(name)) {
                    judge(name, List.of());
                }
                return;
            }
            content.append(piece);
        }
        throw new NotTaken();
    }

    private void judge(String name, List<String> values) {
        String value = values.isEmpty() ? "" : values.getFirst();
        boolean path = FILES.contains(name) && (value.contains("/") || value.equals("stdin") || value.isEmpty());
        boolean weak = (name.equals("cipher") || name.equals("auth")) && value.equalsIgnoreCase("none");
        boolean tap = (name.equals("dev") || name.equals("dev-type")) && value.startsWith("tap");
        boolean environment = name.equals("setenv") && value.startsWith("LD_");
        if (DANGEROUS.contains(name) || path || weak || tap || environment) {
            found.add(name + " " + String.join(" ", values));
        }
    }

    private static List<String> words(String line) throws NotTaken {
        List<String> words = new ArrayList<>();
        StringBuilder word = null;
        char quote = 0;
        boolean escaped = false;
        for (char in : (line + "\0").toCharArray()) {
            boolean space = in == 0 || " \t\r\n\u000b\f".indexOf(in) >= 0;
            if (!escaped && in == '\\' && quote != '\'') {
                escaped = true;
                continue;
            }
            if (word == null) {
                if (in == ';' || in == '#') {
                    return words;
                }
                if (!escaped && (in == '"' || in == '\'')) {
                    quote = in;
                    word = new StringBuilder();
                } else if (!space) {
                    word = new StringBuilder().append(in);
                }
            } else if (quote == 0 ? space && !escaped : in == quote && !(escaped && quote == '"')) {
                words.add(word.toString());
                word = null;
                quote = 0;
            } else if (in != 0) {
                word.append(in);
            }
            if (escaped && in != '\\' && in != '"' && !space) {
                throw new NotTaken();
            }
            escaped = false;
        }
        if (word != null) {
            throw new NotTaken();
        }
        return words.size() > 16 ? words.subList(0, 16) : words;
    }
}
