package io.urvpn.chart;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The comments of a values file, which YAML's parsers pass over. */
final class Comments {
    private static final Pattern KEY = Pattern.compile("( *)([A-Za-z]\\w*):(.*)");

    private record Key(int indentation, String name) {}

    private Comments() {}

    /** Which of these paths have no comment in the line above them, nor behind them. */
    static List<String> missingIn(List<String> lines, Set<String> paths) {
        List<String> missing = new ArrayList<>();
        Deque<Key> keys = new ArrayDeque<>();
        String above = "";
        for (String line : lines) {
            Matcher key = KEY.matcher(line);
            if (key.matches()) {
                int indentation = key.group(1).length();
                keys.removeIf(outer -> outer.indentation >= indentation);
                keys.addLast(new Key(indentation, key.group(2)));
                String path = keys.stream().map(Key::name).collect(Collectors.joining("."));
                if (paths.contains(path)
                        && !above.strip().startsWith("#")
                        && !key.group(3).contains(" # ")) {
                    missing.add(path);
                }
            }
            above = line;
        }
        return missing;
    }
}
