package io.urvpn.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows under headings, each column as wide as what is in it. */
final class Table {
    private static final String GAP = "   ";

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... headings) {
        rows.add(List.of(headings));
    }

    /** A row; each value is made {@link Text#plain}, and nothing a dash. */
    Table row(Object... values) {
        rows.add(Arrays.stream(values).map(Text::orDash).toList());
        return this;
    }

    /** Its lines, the headings first, without blanks at the end. */
    List<String> lines(String indent) {
        int[] widths = new int[rows.getFirst().size()];
        rows.forEach(row -> {
            for (int column = 0; column < row.size(); column++) {
                widths[column] = Math.max(widths[column], width(row.get(column)));
            }
        });
        return rows.stream().map(row -> line(indent, row, widths)).toList();
    }

    private static String line(String indent, List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder(indent);
        for (int column = 0; column < row.size(); column++) {
            String value = row.get(column);
            line.append(value).append(" ".repeat(widths[column] - width(value))).append(GAP);
        }
        return line.toString().stripTrailing();
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
