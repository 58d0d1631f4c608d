package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import io.urvpn.cleanup.Backoff;
import io.urvpn.cleanup.DetachDecision;
import io.urvpn.cleanup.NodeComponents;
import io.urvpn.cleanup.Totals;
import io.urvpn.operator.CleanupScope.Covered;
import io.urvpn.operator.DetachDriver.Step;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Sums a cleanup up over its nodes. Pure. */
final class CleanupStatusAggregator {
    private static final int MESSAGE = 1024;

    private CleanupStatusAggregator() {}

    static VpnCleanupStatus status(CleanupScope scope, List<Step> steps) {
        VpnCleanupStatus before = scope.cleanup().getStatus();
        Map<String, Step> byNode = steps.stream()
                .collect(Collectors.toMap(step -> step.facts().spec().nodeName(), Function.identity(), (a, b) -> a));
        List<NodeCleanup> nodes = scope.nodes().stream()
                .map(node -> node(node, Optional.ofNullable(byNode.get(node.node())), scope.now()))
                .sorted(Comparator.comparing((NodeCleanup node) -> urgency(scope, node))
                        .thenComparing(NodeCleanup::node))
                .toList();
        boolean completed = nodes.stream().allMatch(node -> node.outcome() != null);
        boolean failed = nodes.stream().anyMatch(node -> failed(scope, node));
        OperationPhase phase =
                completed ? OperationPhase.COMPLETED : failed ? OperationPhase.FAILED : OperationPhase.IN_PROGRESS;
        Instant startedAt =
                Optional.ofNullable(before).map(VpnCleanupStatus::startedAt).orElse(scope.now());
        Optional<Instant> next = nodes.stream()
                .map(NodeCleanup::nextVerificationAt)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder());
        String message = message(scope, nodes, completed);
        return VpnCleanupStatusBuilder.builder()
                .observedGeneration(scope.cleanup().getMetadata().getGeneration())
                .phase(phase)
                .conditions(conditions(scope, nodes, completed, message))
                .startedAt(startedAt)
                .completedAt(
                        completed
                                ? Optional.ofNullable(before)
                                        .map(VpnCleanupStatus::completedAt)
                                        .orElse(scope.now())
                                : null)
                .components(Totals.components(nodes, startedAt))
                .report(report(scope, nodes))
                .counts(counts(scope, nodes))
                .nodes(nodes)
                .nextVerificationAt(next.orElse(null))
                .message(message)
                .build();
    }

    /** What needs a person first, what is over last. */
    private static int urgency(CleanupScope scope, NodeCleanup node) {
        if (node.outcome() != null) {
            return 3;
        }
        return failed(scope, node) ? 0 : Reasons.WAITING_FOR_AGENT.equals(node.pendingReason()) ? 1 : 2;
    }

    private static boolean failed(CleanupScope scope, NodeCleanup node) {
        return node.outcome() == null
                && node.verdict() != null
                && !Boolean.TRUE.equals(node.verdict().clean())
                && node.attempts() != null
                && Backoff.exhausted(scope.cleanup().getSpec().policy(), node.attempts());
    }

    private static NodeCleanup node(Covered node, Optional<Step> step, Instant now) {
        if (step.isPresent()) {
            return underWay(node, step.get(), now);
        }
        return node.stored().filter(stored -> stored.outcome() != null).orElseGet(() -> begins(node, now));
    }

    /** Its order is being written. */
    private static NodeCleanup begins(Covered node, Instant now) {
        Instant since = node.stored()
                .map(NodeCleanup::pendingSince)
                .filter(Objects::nonNull)
                .orElse(now);
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node(node.node())
                .attachmentUid(
                        node.attachment().map(a -> a.getMetadata().getUid()).orElse(null))
                .attempts(0)
                .pendingReason(Reasons.STEPS_RUNNING)
                .pendingMessage("the order is given to node " + node.node())
                .pendingSince(since)
                .build();
    }

    private static NodeCleanup underWay(Covered covered, Step step, Instant now) {
        Optional<NodeCleanup> stored = covered.stored()
                .filter(before ->
                        Objects.equals(before.attachmentUid(), step.facts().uid()));
        Base base = new Base(
                step.facts().spec().nodeName(),
                step.facts().uid(),
                step.facts().status().map(VpnAttachmentStatus::machineKey).orElse(null),
                NodeComponents.of(
                        step.facts(),
                        step.decision(),
                        stored.map(NodeCleanup::components).orElse(List.of())),
                stored.map(NodeCleanup::verdict).orElse(null),
                stored.map(NodeCleanup::attempts).orElse(0));
        return switch (step.decision()) {
            case DetachDecision.End end ->
                VpnCleanupStatusNodeCleanupBuilder.builder()
                        .node(base.node())
                        .attachmentUid(base.attachmentUid())
                        .machineKey(base.machineKey())
                        .outcome(end.outcome())
                        .endedAt(now)
                        .components(base.components())
                        .verdict(end.verdict())
                        .attempts(end.verdict().attempt())
                        .build();
            case DetachDecision.Wait wait ->
                base.waits(
                        wait.reason(),
                        wait.message(),
                        wait.since(),
                        Reasons.WAITING_FOR_VERIFICATION.equals(wait.reason())
                                ? wait.dueAt().orElse(null)
                                : null);
            case DetachDecision.Retry retry ->
                base.answered(retry.failed())
                        .waits(
                                retry.exhausted() ? Reasons.VERIFICATION_FAILED : Reasons.WAITING_FOR_VERIFICATION,
                                found(retry.failed()) + "; next try at " + seconds(retry.dueAt()),
                                retry.failed().verifiedAt(),
                                retry.dueAt());
            case DetachDecision.Ask ask ->
                ask.failed()
                        .map(base::answered)
                        .orElse(base)
                        .waits(
                                Reasons.VERIFYING,
                                "verification " + ask.ask().attempt() + " of node " + base.node() + " is under way",
                                ask.ask().askedAt(),
                                null);
        };
    }

    /** What is the same for each way to wait. */
    private record Base(
            String node,
            String attachmentUid,
            String machineKey,
            List<ComponentStatus> components,
            Verdict verdict,
            int attempts) {
        Base answered(Verdict last) {
            return new Base(node, attachmentUid, machineKey, components, last, Math.max(attempts, last.attempt()));
        }

        NodeCleanup waits(String reason, String message, Instant since, Instant next) {
            return VpnCleanupStatusNodeCleanupBuilder.builder()
                    .node(node)
                    .attachmentUid(attachmentUid)
                    .machineKey(machineKey)
                    .components(components)
                    .verdict(verdict)
                    .attempts(attempts)
                    .nextVerificationAt(next)
                    .pendingReason(reason)
                    .pendingMessage(Conditions.cut(message, 512))
                    .pendingSince(since)
                    .build();
        }
    }

    private static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }

    private static String found(Verdict verdict) {
        String components = Optional.ofNullable(verdict.failed()).orElse(List.of()).stream()
                .filter(Objects::nonNull)
                .map(Component::name)
                .collect(Collectors.joining(", "));
        String found = NodeComponents.found(verdict.report());
        return components + ": " + (found.isEmpty() ? "something could not be read" : found);
    }

    /** Nodes that were not read yet count as "Not read" only when the operation fails without them; until then they are left out. */
    private static VerificationReport report(CleanupScope scope, List<NodeCleanup> nodes) {
        String name = Optional.ofNullable(scope.cleanup().getSpec().instanceDisplayName())
                .orElse(scope.cleanup().getSpec().instance().name());
        return Totals.report(nodes.stream()
                        .map(NodeCleanup::verdict)
                        .filter(Objects::nonNull)
                        .map(Verdict::report)
                        .toList())
                .map(report -> new VerificationReport(
                        name, report.thread(), report.routing(), report.vpn(), report.configuration()))
                .orElse(null);
    }

    private static Counts counts(CleanupScope scope, List<NodeCleanup> nodes) {
        int verified =
                (int) nodes.stream().filter(node -> node.outcome() != null).count();
        int failed = (int) nodes.stream().filter(node -> failed(scope, node)).count();
        return new Counts(nodes.size(), verified, 0, 0, nodes.size() - verified - failed, failed);
    }

    private static String message(CleanupScope scope, List<NodeCleanup> nodes, boolean completed) {
        if (completed) {
            return nodes.isEmpty()
                    ? "no node had an attachment, so nothing was to be cleaned"
                    : "each of " + nodes.size() + " nodes was read again and is clean";
        }
        NodeCleanup first = nodes.getFirst();
        long open = nodes.stream().filter(node -> node.outcome() == null).count();
        String text = "node " + first.node() + ": " + first.pendingMessage() + " (since "
                + seconds(first.pendingSince()) + ")"
                + (open > 1 ? "; " + (open - 1) + " more under way" : "")
                + Advice.of(scope.cleanup(), first);
        return Conditions.cut(text, MESSAGE);
    }

    private static List<Condition> conditions(
            CleanupScope scope, List<NodeCleanup> nodes, boolean completed, String message) {
        VpnCleanupStatus before = scope.cleanup().getStatus();
        Conditions conditions = new Conditions(
                before == null ? null : before.conditions(),
                scope.cleanup().getMetadata().getGeneration(),
                scope.now());
        if (completed) {
            return conditions
                    .set(Reasons.READY, true, Reasons.VERIFIED, message)
                    .set(Reasons.RECONCILING, false, Reasons.VERIFIED, message)
                    .set(Reasons.STALLED, false, Reasons.VERIFIED, "nothing needs a person")
                    .list();
        }
        NodeCleanup first = nodes.getFirst();
        boolean failed = failed(scope, first);
        boolean stalled = failed || Reasons.WAITING_FOR_AGENT.equals(first.pendingReason());
        String reason = failed ? Reasons.VERIFICATION_FAILED : first.pendingReason();
        return conditions
                .set(Reasons.READY, false, reason, message)
                .set(Reasons.RECONCILING, !stalled, reason, message)
                .set(
                        Reasons.STALLED,
                        stalled,
                        stalled ? reason : Reasons.DELETING,
                        stalled ? message : "nothing needs a person")
                .list();
    }
}
