package io.urvpn.cli;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * The steps of an operation by node, as an SVG. Steps take milliseconds and the wait before the verification takes seconds,
 * so time is drawn by its square root: what is short keeps a width, and order and length stay comparable.
 */
final class Timeline {
    private static final int WIDTH = 960;
    private static final int LEFT = 190;
    private static final int RIGHT = 24;
    private static final int TOP = 34;
    private static final int ROW = 30;
    private static final int BAR = 16;
    private static final int SMALLEST = 4;
    private static final int LONGEST_NAME = 24;
    private static final List<Long> TICKS = List.of(
            0L,
            10L,
            100L,
            500L,
            1_000L,
            2_000L,
            5_000L,
            10_000L,
            20_000L,
            30_000L,
            60_000L,
            120_000L,
            300_000L,
            600_000L,
            1_800_000L,
            3_600_000L,
            10_800_000L,
            43_200_000L,
            86_400_000L,
            604_800_000L);
    private static final int NARROWEST_TICK = 62;

    private final List<NodeCleanup> nodes;
    private final Instant began;
    private final long span;

    private Timeline(List<NodeCleanup> nodes, Instant began, long span) {
        this.nodes = nodes;
        this.began = began;
        this.span = Math.max(1, span);
    }

    /** Ended well, and its times were left out of an object that grew too large. */
    private static boolean compact(NodeCleanup node) {
        return node.components() == null && node.componentMillis() != null;
    }

    /** How many nodes are not drawn, since their times are not there any more. */
    static long left(VpnCleanup cleanup) {
        return nodes(cleanup).stream().filter(Timeline::compact).count();
    }

    private static List<NodeCleanup> nodes(VpnCleanup cleanup) {
        return Optional.ofNullable(cleanup.getStatus())
                .map(VpnCleanupStatus::nodes)
                .orElse(List.of());
    }

    /** Empty where no step has a time. */
    static Optional<String> of(VpnCleanup cleanup, Instant now) {
        List<NodeCleanup> drawn =
                nodes(cleanup).stream().filter(node -> !compact(node)).toList();
        Optional<Instant> first = drawn.stream()
                .flatMap(node -> Words.orEmpty(node.components()).stream())
                .map(ComponentStatus::startedAt)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder());
        return first.map(began -> {
            Instant end = drawn.stream()
                    .flatMap(node -> Words.orEmpty(node.components()).stream())
                    .filter(one -> one.startedAt() != null)
                    .map(one -> end(one, now))
                    .max(Comparator.naturalOrder())
                    .orElse(began);
            return new Timeline(drawn, began, Duration.between(began, end).toMillis()).svg(now);
        });
    }

    private static Instant end(ComponentStatus component, Instant now) {
        if (component.completedAt() != null) {
            return component.completedAt();
        }
        return component.status() == ComponentState.IN_PROGRESS && now.isAfter(component.startedAt())
                ? now
                : component.startedAt();
    }

    private String svg(Instant now) {
        int height = TOP + nodes.size() * ROW + 8;
        StringBuilder svg = new StringBuilder();
        svg.append("<svg class=\"timeline\" role=\"img\" aria-label=\"Steps by node over time\" viewBox=\"0 0 ")
                .append(WIDTH)
                .append(' ')
                .append(height)
                .append("\" xmlns=\"http://www.w3.org/2000/svg\">\n");
        ticks(svg, height);
        for (int row = 0; row < nodes.size(); row++) {
            row(svg, nodes.get(row), TOP + row * ROW, row, now);
        }
        return svg.append("</svg>\n").toString();
    }

    private void ticks(StringBuilder svg, int height) {
        double last = Double.NEGATIVE_INFINITY;
        for (long tick : TICKS) {
            double x = x(tick);
            if (tick > span || x - last < NARROWEST_TICK) {
                continue;
            }
            last = x;
            String anchor = x > WIDTH - RIGHT - 30 ? "end" : "middle";
            svg.append(format(
                            "<line class=\"tick\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>",
                            x, TOP - 10, x, height - 6))
                    .append(format(
                            "<text class=\"axis\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
                            x, TOP - 17, anchor, Html.escape(label(tick))));
        }
    }

    private static String label(long millis) {
        if (millis < 1000) {
            return millis == 0 ? "0" : millis + " ms";
        }
        return "+" + Text.duration(Duration.ofMillis(millis));
    }

    private void row(StringBuilder svg, NodeCleanup node, int top, int row, Instant now) {
        if (row % 2 == 1) {
            svg.append(format("<rect class=\"band\" x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\"/>", top, WIDTH, ROW));
        }
        String name = node.node().length() <= LONGEST_NAME
                ? node.node()
                : node.node().substring(0, LONGEST_NAME - 1) + "\u2026";
        svg.append(format(
                "<text class=\"node\" x=\"8\" y=\"%d\">%s<title>%s</title></text>\n",
                top + ROW / 2 + 4, Html.escape(name), Html.escape(node.node())));
        double least = LEFT;
        List<ComponentStatus> begun = Words.orEmpty(node.components()).stream()
                .filter(one -> one.startedAt() != null)
                .sorted(Comparator.comparing(ComponentStatus::startedAt))
                .toList();
        if (begun.isEmpty()) {
            svg.append(format(
                    "<text class=\"untold\" x=\"%d\" y=\"%d\">no step was told</text>\n", LEFT, top + ROW / 2 + 4));
        }
        for (ComponentStatus component : begun) {
            double from = Math.max(
                    least, x(Duration.between(began, component.startedAt()).toMillis()));
            double to = Math.max(
                    from + SMALLEST,
                    x(Duration.between(began, end(component, now)).toMillis()));
            bar(svg, node, component, from, Math.min(to, WIDTH - RIGHT + SMALLEST), top);
            least = Math.min(to, WIDTH - RIGHT) + 1;
        }
    }

    private static void bar(
            StringBuilder svg, NodeCleanup node, ComponentStatus component, double from, double to, int top) {
        String took = component.durationMillis() == null ? "" : " in " + Text.millis(component.durationMillis());
        String why = component.error() == null ? "" : ": " + component.error().message();
        svg.append(format(
                "<rect class=\"bar %s %s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\""
                        + " rx=\"3\"><title>%s</title></rect>",
                style(component.component()),
                Html.word(component.status()),
                from,
                top + (ROW - BAR) / 2,
                Math.max(SMALLEST, to - from),
                BAR,
                Html.escape(node.node() + " " + component.component() + " " + component.status() + took + why)));
        String sign = sign(component.status());
        if (!sign.isEmpty()) {
            svg.append(format(
                    "<text class=\"sign %s\" x=\"%.1f\" y=\"%d\">%s</text>",
                    Html.word(component.status()), to + 3, top + ROW / 2 + 4, sign));
        }
        svg.append('\n');
    }

    /** State is not told by colour alone. */
    private static String sign(ComponentState state) {
        return state == null
                ? ""
                : switch (state) {
                    case ComponentState.FAILED -> "\u2717";
                    case ComponentState.SKIPPED -> "\u2013";
                    case ComponentState.IN_PROGRESS -> "\u2026";
                    case ComponentState.COMPLETED, ComponentState.PENDING -> "";
                };
    }

    private double x(long millis) {
        double part = Math.sqrt(Math.max(0, millis)) / Math.sqrt(span);
        return LEFT + Math.min(1, part) * (WIDTH - LEFT - RIGHT);
    }

    /** Class of a component's colour, in the legend too. */
    static String style(Component component) {
        return component == null ? "c0" : "c" + (component.ordinal() + 1);
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
