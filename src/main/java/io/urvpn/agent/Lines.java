package io.urvpn.agent;

import java.util.ArrayList;
import java.util.List;

/** Details within the bounds of the API: 20 lines of 256 characters; the last says how many more there were. */
final class Lines {
    private static final int MOST = 20;
    private static final int LENGTH = 256;

    private Lines() {}

    /** {@code null} where there are none, so that the field is left out. */
    static List<String> bounded(List<String> lines) {
        if (lines.isEmpty()) {
            return null;
        }
        List<String> bounded = new ArrayList<>(lines.stream()
                .limit(lines.size() > MOST ? MOST - 1 : MOST)
                .map(line -> Words.cut(line, LENGTH))
                .toList());
        if (lines.size() > MOST) {
            bounded.add("and " + (lines.size() - MOST + 1) + " more");
        }
        return bounded;
    }
}
