package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusBuilder;
import io.urvpn.cleanup.Backoff;
import io.urvpn.cleanup.Totals;
import io.urvpn.operator.DetachDriver.Step;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Sums a cleanup up over its nodes. Pure. */
final class CleanupStatusAggregator {
    private static final int MESSAGE = 1024;
    /** Waits for a node that is not there. */
    static final Set<String> AWAY = Set.of(Reasons.WAITING_FOR_AGENT, Reasons.NODE_LOST, Reasons.NODE_ABSENT);

    private CleanupStatusAggregator() {}

    /** The whole of it; it may be too large to be stored. */
    static VpnCleanupStatus status(CleanupScope scope, List<Step> steps) {
        VpnCleanupStatus before = scope.cleanup().getStatus();
        Map<String, Step> byNode = steps.stream()
                .collect(Collectors.toMap(step -> step.facts().spec().nodeName(), Function.identity(), (a, b) -> a));
        List<NodeCleanup> nodes = scope.nodes().stream()
                .map(node -> NodeEntry.of(node, Optional.ofNullable(byNode.get(node.node())), scope.now()))
                .sorted(Comparator.comparing((NodeCleanup node) -> urgency(scope, node))
                        .thenComparing(NodeCleanup::node))
                .toList();
        OperationPhase phase = phase(scope, nodes);
        boolean completed = phase == OperationPhase.COMPLETED;
        Instant startedAt =
                Optional.ofNullable(before).map(VpnCleanupStatus::startedAt).orElse(scope.now());
        Optional<Instant> next = nodes.stream()
                .map(NodeCleanup::nextVerificationAt)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder());
        String message = message(scope, nodes, phase);
        return VpnCleanupStatusBuilder.builder()
                .observedGeneration(scope.cleanup().getMetadata().getGeneration())
                .phase(phase)
                .conditions(conditions(scope, nodes, phase, message))
                .startedAt(startedAt)
                .completedAt(
                        completed
                                ? Optional.ofNullable(before)
                                        .map(VpnCleanupStatus::completedAt)
                                        .orElse(scope.now())
                                : null)
                .components(Totals.components(CompactNodes.expand(nodes), startedAt))
                .report(report(scope, nodes))
                .counts(counts(scope, nodes))
                .nodes(nodes)
                .interventions(scope.interventions().isEmpty() ? null : scope.interventions())
                .deliveries(before == null ? null : before.deliveries())
                .nextVerificationAt(next.orElse(null))
                .message(message)
                .build();
    }

    private static OperationPhase phase(CleanupScope scope, List<NodeCleanup> nodes) {
        if (nodes.stream().allMatch(node -> node.outcome() != null)) {
            return nodes.stream().anyMatch(node -> node.outcome() == Outcome.RELEASED)
                    ? OperationPhase.DEBT_OPEN
                    : OperationPhase.COMPLETED;
        }
        return nodes.stream().anyMatch(node -> failed(scope, node))
                ? OperationPhase.FAILED
                : OperationPhase.IN_PROGRESS;
    }

    /** What needs a person first, what is over last. */
    private static int urgency(CleanupScope scope, NodeCleanup node) {
        if (node.outcome() != null) {
            return read(node) ? 4 : 3;
        }
        return failed(scope, node) ? 0 : AWAY.contains(node.pendingReason()) ? 1 : 2;
    }

    /** True where it ended by a reading of the node. */
    static boolean read(NodeCleanup node) {
        return node.outcome() == Outcome.VERIFIED || node.outcome() == Outcome.VERIFIED_IN_PART;
    }

    private static boolean failed(CleanupScope scope, NodeCleanup node) {
        return failed(scope.cleanup(), node);
    }

    /** True where its retries are used up; it stays so while it is asked again. */
    static boolean failed(VpnCleanup cleanup, NodeCleanup node) {
        return node.outcome() == null
                && node.verdict() != null
                && !Boolean.TRUE.equals(node.verdict().clean())
                && node.attempts() != null
                && Backoff.exhausted(cleanup.getSpec().policy(), node.attempts());
    }

    /** Nodes that were not read yet count as "Not read" only when the operation fails without them; until then they are left out. */
    private static VerificationReport report(CleanupScope scope, List<NodeCleanup> nodes) {
        String name = Optional.ofNullable(scope.cleanup().getSpec().instanceDisplayName())
                .orElse(scope.cleanup().getSpec().instance().name());
        return Totals.report(nodes.stream()
                        .map(node -> reportOf(node, name))
                        .filter(Objects::nonNull)
                        .toList())
                .map(report -> new VerificationReport(
                        name, report.thread(), report.routing(), report.vpn(), report.configuration()))
                .orElse(null);
    }

    /** An end without a reading counts as "Not read"; a compacted node was read and is clean. */
    private static VerificationReport reportOf(NodeCleanup node, String name) {
        if (node.verdict() != null && node.verdict().report() != null) {
            return node.verdict().report();
        }
        if (node.outcome() == null) {
            return null;
        }
        return read(node) ? CompactNodes.clean(name) : VerificationReport.notRead(name);
    }

    private static Counts counts(CleanupScope scope, List<NodeCleanup> nodes) {
        int verified = count(nodes, CleanupStatusAggregator::read);
        int debts = count(nodes, node -> node.outcome() == Outcome.RELEASED);
        int notRead = count(nodes, node -> node.outcome() != null) - verified - debts;
        int failed = count(nodes, node -> failed(scope, node));
        return new Counts(
                nodes.size(), verified, notRead, debts, nodes.size() - verified - notRead - debts - failed, failed);
    }

    private static int count(List<NodeCleanup> nodes, Predicate<NodeCleanup> counts) {
        return (int) nodes.stream().filter(counts).count();
    }

    private static String message(CleanupScope scope, List<NodeCleanup> nodes, OperationPhase phase) {
        if (phase == OperationPhase.COMPLETED) {
            return nodes.isEmpty() ? "no node had an attachment, so nothing was to be cleaned" : ended(nodes);
        }
        if (phase == OperationPhase.DEBT_OPEN) {
            return Conditions.cut(
                    "the object was let go; still owed by " + named(nodes, node -> node.outcome() == Outcome.RELEASED)
                            + "; see: kubectl get vpnatt -l " + Names.LABEL_INSTANCE_UID + "=" + scope.instanceUid(),
                    MESSAGE);
        }
        NodeCleanup first = nodes.getFirst();
        long open = nodes.stream().filter(node -> node.outcome() == null).count();
        String text = "node " + first.node() + ": " + first.pendingMessage() + " (since "
                + NodeEntry.seconds(first.pendingSince()) + ")"
                + (open > 1 ? "; " + (open - 1) + " more under way" : "")
                + Advice.of(scope.cleanup(), first);
        return Conditions.cut(text, MESSAGE);
    }

    private static String ended(List<NodeCleanup> nodes) {
        int read = count(nodes, CleanupStatusAggregator::read);
        return read == nodes.size()
                ? "each of " + nodes.size() + " nodes was read again and is clean"
                : Conditions.cut(
                        read + " of " + nodes.size() + " nodes were read again and are clean; not read: "
                                + named(nodes, node -> !read(node)),
                        MESSAGE);
    }

    static String outcomeName(Outcome outcome) {
        return switch (outcome) {
            case VERIFIED -> "Verified";
            case VERIFIED_IN_PART -> "VerifiedInPart";
            case NODE_GONE -> "NodeGone";
            case RELEASED -> "Released";
            case FORCED -> "Forced";
        };
    }

    /** Nodes by name with what ended them, as many as people read. */
    private static String named(List<NodeCleanup> nodes, Predicate<NodeCleanup> which) {
        List<NodeCleanup> those = nodes.stream().filter(which).toList();
        return those.stream()
                        .limit(5)
                        .map(node -> "node " + node.node() + " (" + outcomeName(node.outcome())
                                + (node.pendingMessage() == null ? "" : ": " + node.pendingMessage()) + ")")
                        .collect(Collectors.joining(", "))
                + (those.size() > 5 ? " and " + (those.size() - 5) + " more" : "");
    }

    private static List<Condition> conditions(
            CleanupScope scope, List<NodeCleanup> nodes, OperationPhase phase, String message) {
        VpnCleanupStatus before = scope.cleanup().getStatus();
        Conditions conditions = new Conditions(
                before == null ? null : before.conditions(),
                scope.cleanup().getMetadata().getGeneration(),
                scope.now());
        if (phase == OperationPhase.COMPLETED) {
            String how =
                    count(nodes, CleanupStatusAggregator::read) == nodes.size() ? Reasons.VERIFIED : Reasons.NOT_READ;
            return conditions
                    .set(Reasons.READY, true, how, message)
                    .set(Reasons.RECONCILING, false, how, message)
                    .set(Reasons.STALLED, false, how, "nothing needs a person")
                    .keep(Reasons.NOTIFIED)
                    .list();
        }
        if (phase == OperationPhase.DEBT_OPEN) {
            return conditions
                    .set(Reasons.READY, false, Reasons.DEBT_OPEN, message)
                    .set(Reasons.RECONCILING, true, Reasons.DEBT_OPEN, message)
                    .set(Reasons.STALLED, false, Reasons.DEBT_OPEN, "it is settled when the nodes are back")
                    .keep(Reasons.NOTIFIED)
                    .list();
        }
        NodeCleanup first = nodes.getFirst();
        boolean failed = failed(scope, first);
        boolean stalled = failed
                || Reasons.WAITING_FOR_AGENT.equals(first.pendingReason())
                || Reasons.NODE_LOST.equals(first.pendingReason());
        String reason = failed ? Reasons.VERIFICATION_FAILED : first.pendingReason();
        return conditions
                .set(Reasons.READY, false, reason, message)
                .set(Reasons.RECONCILING, !stalled, reason, message)
                .set(
                        Reasons.STALLED,
                        stalled,
                        stalled ? reason : Reasons.DELETING,
                        stalled ? message : "nothing needs a person")
                .keep(Reasons.NOTIFIED)
                .list();
    }
}
