package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.DetachOrder;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.cleanup.DetachDecider;
import io.urvpn.cleanup.DetachDecision;
import io.urvpn.cleanup.DetachDecision.Ask;
import io.urvpn.cleanup.DetachFacts;
import io.urvpn.cleanup.Interventions;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Takes attachments down: writes the order, asks for verifications when they are due, and says what was decided. */
final class DetachDriver {
    private final ClusterCache cache;
    private final LiveReads live;
    private final ApiWrites writes;
    private final Parallel parallel;
    private final NodePresence presence;

    DetachDriver(ClusterCache cache, LiveReads live, ApiWrites writes, Parallel parallel) {
        this.cache = cache;
        this.live = live;
        this.writes = writes;
        this.parallel = parallel;
        this.presence = new NodePresence(cache, live, writes);
    }

    /** One attachment on its way. */
    record Step(VpnAttachment attachment, DetachFacts facts, DetachDecision decision) {
        /** When to look again, where time alone ends the wait. */
        Optional<Instant> dueAt() {
            return switch (decision) {
                case DetachDecision.Wait wait -> wait.dueAt();
                case DetachDecision.Retry retry -> Optional.of(retry.dueAt());
                case Ask ask ->
                    Optional.of(ask.ask()
                            .askedAt()
                            .plusSeconds(facts.spec().detach().policy().timeoutSeconds()));
                case DetachDecision.End _, DetachDecision.Close _ -> Optional.empty();
            };
        }
    }

    /** Which pods an attachment waits for. */
    enum Pods {
        /** Each pod of the instance on the node: the instance goes. */
        ALL,
        /** Those that ever had a permit: the instance stays, and the node may be wanted again. */
        PERMITTED
    }

    /**
     * What the record of an operation says of one attachment.
     *
     * @param interventions what people did
     * @param stored what ended its node's part before
     * @param machineKey key of the machine
     */
    record OnRecord(Interventions interventions, Optional<Outcome> stored, Optional<String> machineKey) {
        /** Nothing. */
        static final OnRecord NOTHING = new OnRecord(Interventions.NONE, Optional.empty(), Optional.empty());
    }

    /** The spec of an attachment with the order to detach. */
    static VpnAttachmentSpec ordered(VpnAttachmentSpec spec, DetachOrder order) {
        return VpnAttachmentSpecBuilder.builder(spec)
                .desired(DesiredState.DETACHED)
                .detach(order)
                .build();
    }

    /** An order with a complete policy. */
    static DetachOrder order(String operationId, String reason, String displayName, CleanupPolicy policy, Instant now) {
        return new DetachOrder(operationId, now, Conditions.cut(reason, 256), displayName, policy);
    }

    /**
     * Decides for each attachment and writes the asks that are due. Before an ask the pods are listed live: the cache
     * may not know yet of one that was just made.
     */
    List<Step> drive(
            String instanceUid,
            Collection<VpnAttachment> detaching,
            Pods which,
            Function<VpnAttachment, OnRecord> record,
            Instant now) {
        List<Step> steps = decide(detaching, cache.pods(instanceUid), which, record, now);
        if (steps.stream().anyMatch(step -> step.decision() instanceof Ask)) {
            steps = decide(detaching, live.pods(instanceUid), which, record, now);
        }
        steps = steps.stream().filter(this::confirmed).toList();
        List<Step> asks =
                steps.stream().filter(step -> step.decision() instanceof Ask).toList();
        parallel.each(asks, step -> ask(step.attachment(), (Ask) step.decision()));
        return steps;
    }

    /** Nothing ends by an absence that the API server does not confirm this moment; the cache comes to know it. */
    private boolean confirmed(Step step) {
        return !(step.decision() instanceof DetachDecision.Close(Outcome outcome, var _, String _))
                || outcome != Outcome.NODE_GONE
                || presence.absentLive(step.attachment(), step.facts().machineKey());
    }

    private List<Step> decide(
            Collection<VpnAttachment> detaching,
            List<Pod> pods,
            Pods which,
            Function<VpnAttachment, OnRecord> record,
            Instant now) {
        return detaching.stream()
                .filter(attachment -> attachment.getSpec().detach() != null)
                .map(attachment -> {
                    DetachFacts facts = facts(attachment, pods, which, record.apply(attachment), now);
                    return new Step(attachment, facts, DetachDecider.decide(facts));
                })
                .toList();
    }

    private DetachFacts facts(VpnAttachment attachment, List<Pod> pods, Pods which, OnRecord record, Instant now) {
        Optional<String> machineKey = record.machineKey().or(() -> NodePresence.machineKey(attachment));
        // where the kubelet is silent nobody ends the pods: the agent does, and the verification looks for their
        // processes
        boolean endsPods = cache.node(attachment.getSpec().nodeName())
                .filter(node -> !NodePresence.kubeletSilent(node))
                .isPresent();
        return new DetachFacts(
                attachment.getMetadata().getUid(),
                attachment.getMetadata().getGeneration(),
                attachment.getSpec(),
                Optional.ofNullable(attachment.getStatus()),
                awaited(attachment, endsPods ? pods : List.of(), which)
                        .map(pod -> pod.getMetadata().getName())
                        .toList(),
                cache.agent(attachment.getSpec().nodeName()),
                presence.of(attachment, machineKey, now),
                record.interventions(),
                record.stored(),
                record.machineKey(),
                now);
    }

    /** The pods of an attachment that must have ended before its node is read. */
    static Stream<Pod> awaited(VpnAttachment attachment, List<Pod> pods, Pods which) {
        Set<String> permitted = permitted(attachment);
        return pods.stream()
                .filter(pod ->
                        attachment.getSpec().nodeName().equals(pod.getSpec().getNodeName()))
                .filter(pod -> which == Pods.ALL
                        || permitted.contains(pod.getMetadata().getUid()));
    }

    private static Set<String> permitted(VpnAttachment attachment) {
        Set<String> uids = new HashSet<>();
        VpnAttachmentStatus status = attachment.getStatus();
        if (status != null && status.podUids() != null) {
            uids.addAll(status.podUids());
        }
        if (status != null && status.permittedPodUid() != null) {
            uids.add(status.permittedPodUid());
        }
        return uids;
    }

    /** A read that was behind is answered by 409; its change comes as an event. */
    private void ask(VpnAttachment attachment, Ask ask) {
        writes.replaceSpec(
                attachment,
                VpnAttachmentSpecBuilder.builder(attachment.getSpec())
                        .verification(ask.ask())
                        .build());
    }

    /** From now to the earliest of these instants; at least a millisecond. */
    static Optional<Duration> until(Stream<Optional<Instant>> instants, Instant now) {
        return instants.flatMap(Optional::stream)
                .min(Instant::compareTo)
                .map(due -> Duration.between(now, due))
                .map(wait -> wait.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : wait);
    }
}
