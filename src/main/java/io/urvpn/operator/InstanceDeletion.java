package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpec.CoveredNode;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NodeCounts;
import io.urvpn.api.v1alpha1.VpnInstanceStatusBuilder;
import io.urvpn.cleanup.OperationId;
import io.urvpn.notify.EventRecorder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One pass over an instance that is being deleted. The work is the VpnCleanup's; here it is begun, mirrored, and the
 * instance let go when each node has its stored verdict and a live list shows that no attachment is left.
 */
final class InstanceDeletion {
    private static final Duration SOON = Duration.ofMillis(50);
    /** Each step of the way comes as an event; this is for the case that one was lost. */
    private static final Duration SAFETY = Duration.ofSeconds(30);

    private final OperatorSettings settings;
    private final LiveReads live;
    private final ApiWrites writes;
    private final EventRoutes routes;
    private final EventRecorder events;
    private final Clock clock;

    InstanceDeletion(
            OperatorSettings settings,
            LiveReads live,
            ApiWrites writes,
            EventRoutes routes,
            EventRecorder events,
            Clock clock) {
        this.settings = settings;
        this.live = live;
        this.writes = writes;
        this.routes = routes;
        this.events = events;
        this.clock = clock;
    }

    /** When to look again at the latest, beside at an event; empty where nothing is owed and the finalizer has gone. */
    Optional<Duration> pass(VpnInstance cached) {
        Optional<VpnInstance> stored = live.instance(
                cached.getMetadata().getName(), cached.getMetadata().getUid());
        if (stored.isEmpty()) {
            return Optional.of(SAFETY);
        }
        VpnInstance instance = stored.get();
        if (instance.getSpec().type() == null) {
            return unknownType(instance);
        }
        VpnCleanup cleanup = cleanup(instance);
        if (through(instance, cleanup)) {
            return letGo(instance);
        }
        if (CleanupAnnotations.on(instance)) {
            routes.toCleanups(List.of(cleanup));
        }
        VpnInstanceStatus status = mirror(instance, cleanup);
        boolean late = !status.equals(instance.getStatus()) && !writes.status(instance, status);
        return Optional.of(late ? SOON : SAFETY);
    }

    /**
     * As it was read in this pass, in which no status was written. JOSDK would take what it has cached, which may be behind
     * the status of the pass before, and answer its own conflict.
     */
    private Optional<Duration> letGo(VpnInstance instance) {
        return writes.letGo(instance) ? Optional.empty() : Optional.of(SOON);
    }

    /** Of a newer version: what it has on nodes, only that version can take away. */
    private Optional<Duration> unknownType(VpnInstance instance) {
        int left = live.attachments(instance.getMetadata().getUid()).size();
        if (left == 0) {
            return letGo(instance);
        }
        VpnInstanceStatus before = instance.getStatus();
        String message = "spec.type is not known to this version of the operator, and " + left
                + " VpnAttachments exist; install the version that made them, and the deletion goes on";
        VpnInstanceStatus status = (before == null
                        ? VpnInstanceStatusBuilder.builder()
                        : VpnInstanceStatusBuilder.builder(before))
                .observedGeneration(instance.getMetadata().getGeneration())
                .conditions(new Conditions(
                                before == null ? null : before.conditions(),
                                instance.getMetadata().getGeneration(),
                                clock.instant())
                        .set(Reasons.READY, false, Reasons.DELETING, message)
                        .set(Reasons.RECONCILING, false, Reasons.UNSUPPORTED_TYPE, message)
                        .set(Reasons.STALLED, true, Reasons.UNSUPPORTED_TYPE, message)
                        .list())
                .build();
        if (status.equals(before)) {
            return Optional.of(SAFETY);
        }
        if (!writes.status(instance, status)) {
            return Optional.of(SOON);
        }
        events.record(InstanceEvents.between(instance, before, status));
        return Optional.of(SAFETY);
    }

    /** The one cleanup of this deletion: its name follows from the deletion, so a restarted operator finds it again. */
    private VpnCleanup cleanup(VpnInstance instance) {
        String id = OperationId.ofDeletion(
                Instant.parse(instance.getMetadata().getDeletionTimestamp()),
                instance.getMetadata().getName(),
                instance.getMetadata().getUid());
        return live.cleanup(id).map(found -> ofThis(instance, found)).orElseGet(() -> {
            writes.create(begin(instance, id));
            return live.cleanup(id).orElseThrow(() -> new IllegalStateException("VpnCleanup " + id + " is gone again"));
        });
    }

    private static VpnCleanup ofThis(VpnInstance instance, VpnCleanup found) {
        if (!found.getSpec().instance().uid().equals(instance.getMetadata().getUid())) {
            throw new IllegalStateException("VpnCleanup " + found.getMetadata().getName()
                    + " is of another instance, " + found.getSpec().instance().name() + " (uid "
                    + found.getSpec().instance().uid() + "); nothing is done before it is gone");
        }
        return found;
    }

    private VpnCleanup begin(VpnInstance instance, String id) {
        String uid = instance.getMetadata().getUid();
        List<CoveredNode> nodes = live.attachments(uid).stream()
                .map(attachment -> new CoveredNode(
                        attachment.getSpec().nodeName(),
                        attachment.getMetadata().getName()))
                .sorted(Comparator.comparing(CoveredNode::node))
                .toList();
        VpnCleanup cleanup = Cleanups.of(
                id,
                instance,
                Operation.DELETE,
                nodes,
                CleanupPolicies.complete(instance.getSpec().cleanup(), settings.cleanup()),
                clock.instant());
        // it outlives the instance, and with it the record of how the deletion was asked for
        Map<String, String> asked = new HashMap<>();
        if (instance.getMetadata().getAnnotations() != null) {
            asked.putAll(instance.getMetadata().getAnnotations());
            asked.keySet().retainAll(Set.of(Names.ANNOTATION_DELETED_OVER_MQTT, Names.ANNOTATION_MQTT_REQUEST));
        }
        if (!asked.isEmpty()) {
            cleanup.getMetadata().setAnnotations(asked);
        }
        return cleanup;
    }

    /** Each node has what ended it on record, and a live list shows none but debts. */
    private boolean through(VpnInstance instance, VpnCleanup cleanup) {
        VpnCleanupStatus status = cleanup.getStatus();
        boolean ended = status != null
                && (status.phase() == OperationPhase.COMPLETED || status.phase() == OperationPhase.DEBT_OPEN);
        if (!ended) {
            return false;
        }
        Set<String> debts = Optional.ofNullable(status.nodes()).orElse(List.of()).stream()
                .filter(node -> node.outcome() == Outcome.RELEASED)
                .map(NodeCleanup::attachmentUid)
                .collect(Collectors.toSet());
        return live.attachments(instance.getMetadata().getUid()).stream()
                .allMatch(left -> debts.contains(left.getMetadata().getUid()));
    }

    private VpnInstanceStatus mirror(VpnInstance instance, VpnCleanup cleanup) {
        VpnInstanceStatus before = instance.getStatus();
        VpnInstanceStatusBuilder status =
                before == null ? VpnInstanceStatusBuilder.builder() : VpnInstanceStatusBuilder.builder(before);
        return status.observedGeneration(instance.getMetadata().getGeneration())
                .interfaceName(ObjectNames.interfaceName(instance))
                // no node is wanted any more, and what its agent said of the tunnel last may be long ago
                .nodes(new NodeCounts(0, left(cleanup), 0))
                .notReady(null)
                .conditions(conditions(instance, cleanup))
                .cleanup(Cleanups.progress(cleanup))
                .build();
    }

    /** Nodes that the cleanup has not ended yet. */
    private static int left(VpnCleanup cleanup) {
        VpnCleanupStatus status = cleanup.getStatus();
        return status == null || status.counts() == null
                ? cleanup.getSpec().nodes().size()
                : Objects.requireNonNullElse(status.counts().pending(), 0)
                        + Objects.requireNonNullElse(status.counts().failed(), 0);
    }

    /** As the cleanup has them; it is still deleting when each node has its verdict. */
    private List<Condition> conditions(VpnInstance instance, VpnCleanup cleanup) {
        VpnInstanceStatus before = instance.getStatus();
        VpnCleanupStatus progress = cleanup.getStatus();
        String message = progress == null || progress.message() == null ? "the cleanup begins" : progress.message();
        String text = "cleanup " + cleanup.getMetadata().getName() + ": " + message;
        Optional<Condition> stalled = progress == null
                ? Optional.empty()
                : Conditions.of(progress.conditions(), Reasons.STALLED)
                        .filter(condition -> "True".equals(condition.getStatus()));
        return new Conditions(
                        before == null ? null : before.conditions(),
                        instance.getMetadata().getGeneration(),
                        clock.instant())
                .set(Reasons.READY, false, Reasons.DELETING, text)
                .set(Reasons.RECONCILING, true, Reasons.DELETING, text)
                .set(
                        Reasons.STALLED,
                        stalled.isPresent(),
                        stalled.map(condition -> condition.getReason()).orElse(Reasons.DELETING),
                        stalled.map(condition -> condition.getMessage()).orElse("nothing needs a person"))
                .list();
    }
}
