package io.urvpn.operator;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import io.urvpn.cleanup.DetachDecision;
import io.urvpn.cleanup.NodeComponents;
import io.urvpn.operator.CleanupScope.Covered;
import io.urvpn.operator.DetachDriver.Step;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** One node in the status of a cleanup: what ended it, or what it waits for. Pure. */
final class NodeEntry {
    private NodeEntry() {}

    /** What is to be stored of it now. */
    static NodeCleanup of(Covered node, Optional<Step> step, Instant now) {
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
                step.facts().machineKey().orElse(null),
                covered.stored(),
                step.facts().interventions().skipped(),
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
                        .earlierOutcome(base.earlier())
                        .endedAt(now)
                        .skipped(base.skippedOrNull())
                        .components(base.components())
                        .verdict(end.verdict())
                        .attempts(end.verdict().attempt())
                        .build();
            case DetachDecision.Close close ->
                VpnCleanupStatusNodeCleanupBuilder.builder()
                        .node(base.node())
                        .attachmentUid(base.attachmentUid())
                        .machineKey(base.machineKey())
                        .outcome(close.outcome())
                        .earlierOutcome(base.earlier() == close.outcome() ? null : base.earlier())
                        .endedAt(now)
                        .skipped(base.skippedOrNull())
                        .components(base.components())
                        .verdict(close.verdict().orElse(base.verdict()))
                        .attempts(base.attempts())
                        .pendingMessage(Conditions.cut(close.why(), 512))
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
            Optional<NodeCleanup> before,
            List<Component> skipped,
            List<ComponentStatus> components,
            Verdict verdict,
            int attempts) {
        Base answered(Verdict last) {
            return new Base(
                    node,
                    attachmentUid,
                    machineKey,
                    before,
                    skipped,
                    components,
                    last,
                    Math.max(attempts, last.attempt()));
        }

        /** What had ended it before it was looked at again. */
        Outcome earlier() {
            return before.map(NodeCleanup::outcome).orElse(null);
        }

        /** What ended before stays on record as it was: it must not speak for the attachment that is looked at now. */
        String recordedUid() {
            return before.filter(stored -> stored.outcome() != null && stored.outcome() != Outcome.RELEASED)
                    .map(NodeCleanup::attachmentUid)
                    .orElse(attachmentUid);
        }

        List<Component> skippedOrNull() {
            return skipped.isEmpty() ? null : skipped;
        }

        NodeCleanup waits(String reason, String message, Instant since, Instant next) {
            return VpnCleanupStatusNodeCleanupBuilder.builder()
                    .node(node)
                    .attachmentUid(recordedUid())
                    .machineKey(machineKey)
                    .outcome(earlier())
                    .endedAt(before.map(NodeCleanup::endedAt).orElse(null))
                    .skipped(skippedOrNull())
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

    /** As people read it. */
    static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }

    /** What a verification found, by component. */
    static String found(Verdict verdict) {
        String components = Optional.ofNullable(verdict.failed()).orElse(List.of()).stream()
                .filter(Objects::nonNull)
                .map(Component::name)
                .collect(Collectors.joining(", "));
        String found = NodeComponents.found(verdict.report());
        return components + ": " + (found.isEmpty() ? "something could not be read" : found);
    }
}
