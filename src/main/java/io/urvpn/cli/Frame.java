package io.urvpn.cli;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.cli.Line.Style;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One picture of an operation on a terminal: a row for each node, a column for each component.
 *
 * @param name of the instance
 * @param cleanup empty where there is none yet
 * @param now the moment of the picture
 * @param elapsed since somebody began to look
 * @param signs what stands for a state
 */
public record Frame(String name, Optional<VpnCleanup> cleanup, Instant now, Duration elapsed, Signs signs) {
    private static final List<String> HEADINGS = List.of("THREAD", "ROUTES", "VPN", "CONFIG", "VERIFY");
    private static final int CELL = 12;
    private static final int NARROW_CELL = 3;
    private static final int LONGEST_NODE = 40;
    private static final int AROUND = 7;

    /** What stands for a state: in Unicode where the terminal has it. */
    public enum Signs {
        UNICODE("\u2713", "\u2717", "\u00b7", "\u2013", "\u280b\u2819\u2839\u2838\u283c\u2834\u2826\u2827\u2807\u280f"),
        ASCII("+", "x", ".", "-", "|/-\\");

        private final String done;
        private final String failed;
        private final String pending;
        private final String skipped;
        private final String busy;

        Signs(String done, String failed, String pending, String skipped, String busy) {
            this.done = done;
            this.failed = failed;
            this.pending = pending;
            this.skipped = skipped;
            this.busy = busy;
        }

        private String busy(Duration elapsed) {
            int tick = (int) (elapsed.toMillis() / 250 % busy.length());
            return busy.substring(tick, tick + 1);
        }
    }

    /** Its lines, which fit into that many columns and rows. */
    public List<Line> lines(int columns, int rows) {
        List<Line> lines = new ArrayList<>();
        Optional<VpnCleanupStatus> status = cleanup.map(VpnCleanup::getStatus);
        List<NodeCleanup> nodes = status.map(VpnCleanupStatus::nodes).orElse(List.of());
        lines.add(headline());
        if (!nodes.isEmpty()) {
            lines.add(new Line());
            lines.addAll(table(nodes, columns, Math.max(1, rows - AROUND)));
        }
        lines.add(new Line());
        lines.add(new Line().add(status.map(Frame::sum).orElse("waiting for the operator"), Style.BOLD));
        status.map(VpnCleanupStatus::message)
                .filter(message -> !message.isEmpty())
                .ifPresent(message -> lines.add(new Line().add(message)));
        return lines;
    }

    private Line headline() {
        Line line = new Line().add(name, Style.BOLD).add("  ");
        cleanup.ifPresent(
                one -> line.add(one.getMetadata().getName(), Style.FAINT).add("  "));
        String phase = cleanup.map(Words::phase).orElse("PENDING");
        Style style = switch (phase) {
            case "COMPLETED" -> Style.GOOD;
            case "FAILED" -> Style.BAD;
            case "DEBT_OPEN" -> Style.CARE;
            default -> Style.BUSY;
        };
        return line.add(phase, style).add("  " + Text.duration(elapsed), Style.FAINT);
    }

    private List<Line> table(List<NodeCleanup> nodes, int columns, int rows) {
        int shown = nodes.size() <= rows ? nodes.size() : Math.max(1, rows - 1);
        int nodeWidth = nodes.stream()
                .limit(shown)
                .mapToInt(node -> node.node().length())
                .max()
                .orElse(0);
        int first = Math.max(6, Math.min(LONGEST_NODE, nodeWidth) + 2);
        boolean narrow = columns < first + HEADINGS.size() * CELL;
        int cell = narrow ? NARROW_CELL : CELL;
        List<Line> lines = new ArrayList<>();
        Line headings = new Line().add("NODE", Style.FAINT).pad(first);
        for (int column = 0; column < HEADINGS.size(); column++) {
            headings.add(narrow ? HEADINGS.get(column).substring(0, 2) : HEADINGS.get(column), Style.FAINT)
                    .pad(first + (column + 1) * cell);
        }
        lines.add(headings.add("STATE", Style.FAINT));
        nodes.stream().limit(shown).forEach(node -> lines.add(row(node, first, cell, narrow)));
        if (shown < nodes.size()) {
            lines.add(new Line().add("and " + Text.count(nodes.size() - shown, "more node"), Style.FAINT));
        }
        return lines;
    }

    private Line row(NodeCleanup node, int first, int cell, boolean narrow) {
        String name =
                node.node().length() <= first - 2 ? node.node() : node.node().substring(0, first - 3) + "~";
        Line line = new Line().add(name).pad(first);
        for (Component component : Component.values()) {
            cell(line, node, component, narrow);
            line.pad(first + (component.ordinal() + 1) * cell);
        }
        return node.outcome() == null
                ? line.add(pending(node), Style.BUSY)
                : line.add(Words.outcome(node.outcome()), good(node.outcome()) ? Style.GOOD : Style.CARE);
    }

    private String pending(NodeCleanup node) {
        String since = node.pendingSince() == null ? "" : " " + Text.age(node.pendingSince(), now);
        return node.pendingReason() == null ? "" : node.pendingReason() + since;
    }

    private static boolean good(Outcome outcome) {
        return outcome == Outcome.VERIFIED || outcome == Outcome.VERIFIED_IN_PART;
    }

    private void cell(Line line, NodeCleanup node, Component component, boolean narrow) {
        Optional<ComponentStatus> status = Words.orEmpty(node.components()).stream()
                .filter(one -> one.component() == component)
                .findFirst();
        if (status.isEmpty()
                && node.componentMillis() != null
                && node.componentMillis().size() > component.ordinal()) {
            Long millis = node.componentMillis().get(component.ordinal());
            line.add(signs.done, Style.GOOD)
                    .add(narrow || millis == null ? "" : " " + Text.millis(millis), Style.FAINT);
            return;
        }
        ComponentState state = status.map(ComponentStatus::status).orElse(ComponentState.PENDING);
        switch (state) {
            case ComponentState.COMPLETED -> line.add(signs.done, Style.GOOD);
            case ComponentState.FAILED -> line.add(signs.failed, Style.BAD);
            case ComponentState.SKIPPED -> line.add(signs.skipped, Style.CARE);
            case ComponentState.IN_PROGRESS -> line.add(signs.busy(elapsed), Style.BUSY);
            case ComponentState.PENDING -> line.add(signs.pending, Style.FAINT);
        }
        if (!narrow) {
            status.map(Frame::detail).ifPresent(detail -> line.add(detail, Style.FAINT));
        }
    }

    private static String detail(ComponentStatus status) {
        String took = status.durationMillis() == null ? "" : " " + Text.millis(status.durationMillis());
        String attempt = status.attempt() == null || status.attempt() < 2 ? "" : " #" + status.attempt();
        return took + attempt;
    }

    private static String sum(VpnCleanupStatus status) {
        Counts counts = status.counts();
        if (counts == null) {
            return "";
        }
        List<String> parts = Stream.of(
                        part(counts.verified(), "verified"),
                        part(counts.pending(), "under way"),
                        part(counts.failed(), "failed"),
                        part(counts.notRead(), "not read"),
                        part(counts.debts(), "owed"))
                .flatMap(Optional::stream)
                .toList();
        return Text.count(counts.total() == null ? 0 : counts.total(), "node")
                + (parts.isEmpty() ? "" : ": " + String.join(", ", parts));
    }

    private static Optional<String> part(Integer count, String what) {
        return count == null || count == 0 ? Optional.empty() : Optional.of(count + " " + what);
    }
}
