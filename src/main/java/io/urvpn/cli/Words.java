package io.urvpn.cli;

import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Delivery;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Cleanups as text. */
final class Words {
    private static final String ROW = "%-56s %-24s %-16s %-12s %-9s %-7s %s";

    private Words() {}

    /** A table, what is open first. */
    static List<String> table(List<VpnCleanup> cleanups) {
        List<String> lines = new ArrayList<>();
        lines.add(ROW.formatted("OPERATION-ID", "INSTANCE", "OPERATION", "PHASE", "VERIFIED", "FAILED", "DEBTS"));
        cleanups.forEach(cleanup -> {
            Counts counts = Optional.ofNullable(cleanup.getStatus())
                    .map(VpnCleanupStatus::counts)
                    .orElse(new Counts(cleanup.getSpec().nodes().size(), 0, 0, 0, 0, 0));
            lines.add(ROW.formatted(
                    cleanup.getMetadata().getName(),
                    cleanup.getSpec().instance().name(),
                    cleanup.getSpec().operation(),
                    phase(cleanup),
                    counts.verified() + "/" + counts.total(),
                    counts.failed(),
                    Objects.requireNonNullElse(counts.debts(), 0)));
        });
        return lines;
    }

    static String phase(VpnCleanup cleanup) {
        return cleanup.getStatus() == null || cleanup.getStatus().phase() == null
                ? "PENDING"
                : cleanup.getStatus().phase().name();
    }

    /** The whole of one. */
    static List<String> whole(VpnCleanup cleanup) {
        List<String> lines = new ArrayList<>();
        lines.add("Operation:  " + cleanup.getMetadata().getName());
        lines.add("Instance:   " + cleanup.getSpec().instance().name() + " (uid "
                + cleanup.getSpec().instance().uid() + ")");
        lines.add("Why:        " + cleanup.getSpec().operation());
        lines.add("Requested:  " + cleanup.getSpec().requestedAt());
        lines.add("Phase:      " + phase(cleanup));
        VpnCleanupStatus status = cleanup.getStatus();
        if (status == null) {
            return lines;
        }
        lines.add("Message:    " + status.message());
        interventions(status).forEach(lines::add);
        orEmpty(status.deliveries()).forEach(delivery -> lines.add(delivery(delivery)));
        orEmpty(status.nodes()).forEach(node -> {
            lines.add("");
            lines.addAll(node(node));
        });
        return lines;
    }

    /** Of a message over MQTT, with why it is still owed. */
    static String delivery(Delivery delivery) {
        return "Delivery:   %s %s%s"
                .formatted(
                        Text.orDash(delivery.kind()),
                        Text.orDash(delivery.state()),
                        delivery.lastError() == null ? "" : ": " + Text.plain(delivery.lastError()));
    }

    private static Stream<String> interventions(VpnCleanupStatus status) {
        return orEmpty(status.interventions()).stream().map(Words::intervention);
    }

    private static String intervention(Intervention one) {
        return "%-11s %s by %s: %s%s"
                .formatted(
                        one.kind() + ":",
                        one.at(),
                        one.actor(),
                        one.component() == null && one.node() == null
                                ? ""
                                : (one.component() == null ? "*" : one.component()) + "@"
                                        + (one.node() == null ? "*" : one.node()) + " ",
                        one.reason());
    }

    private static List<String> node(NodeCleanup node) {
        List<String> lines = new ArrayList<>();
        lines.add("Node " + node.node() + ": " + state(node));
        if (node.pendingMessage() != null) {
            lines.add("  " + node.pendingMessage());
        }
        orEmpty(node.components()).forEach(component -> lines.add("  " + component(component)));
        if (node.components() == null && node.componentMillis() != null) {
            lines.add("  the five components took " + node.componentMillis() + " ms");
        }
        Optional.ofNullable(node.verdict())
                .map(verdict -> verdict.report())
                .ifPresent(report -> found(report).forEach(line -> lines.add("  read: " + line)));
        return lines;
    }

    private static String state(NodeCleanup node) {
        if (node.outcome() == null) {
            return Objects.requireNonNullElse(node.pendingReason(), "pending");
        }
        return outcome(node.outcome())
                + (node.earlierOutcome() == null ? "" : ", before that " + outcome(node.earlierOutcome()))
                + " at " + node.endedAt();
    }

    static String outcome(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static String component(ComponentStatus component) {
        return "%-20s %-11s %s%s%s"
                .formatted(
                        component.component(),
                        component.status(),
                        component.durationMillis() == null ? "" : component.durationMillis() + " ms",
                        component.attempt() != null && component.attempt() > 1
                                ? ", attempt " + component.attempt()
                                : "",
                        component.error() == null
                                ? ""
                                : "; " + component.error().code() + ": "
                                        + component.error().message());
    }

    private static Stream<String> found(VerificationReport report) {
        return Stream.of(
                        report.thread().details(),
                        report.routing().details(),
                        report.vpn().details(),
                        report.configuration().details())
                .filter(Objects::nonNull);
    }

    static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }
}
