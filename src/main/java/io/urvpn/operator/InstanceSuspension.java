package io.urvpn.operator;

import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpec.CoveredNode;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.CleanupProgress;
import io.urvpn.api.v1alpha1.VpnInstanceStatusBuilder;
import io.urvpn.cleanup.OperationId;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One pass over an instance that is suspended: its tunnel is taken down under a VpnCleanup of its own, verified as a
 * deletion is, and the object stays.
 */
final class InstanceSuspension {
    private static final Duration SOON = Duration.ofMillis(50);
    private static final Duration SAFETY = Duration.ofSeconds(30);

    private final OperatorSettings settings;
    private final LiveReads live;
    private final ApiWrites writes;
    private final Clock clock;

    InstanceSuspension(OperatorSettings settings, LiveReads live, ApiWrites writes, Clock clock) {
        this.settings = settings;
        this.live = live;
        this.writes = writes;
        this.clock = clock;
    }

    /** Returns when to look again where nothing else happens. */
    Optional<Duration> pass(VpnInstance instance) {
        VpnCleanup cleanup = cleanup(instance);
        boolean nothingLeft = live.attachments(instance.getMetadata().getUid()).isEmpty();
        VpnInstanceStatus status = status(instance, cleanup, nothingLeft);
        boolean late = !status.equals(instance.getStatus()) && !writes.status(instance, status);
        return Optional.of(late ? SOON : SAFETY);
    }

    /** The one that this suspension began, or a new one: later edits of a suspended instance begin none. */
    private VpnCleanup cleanup(VpnInstance instance) {
        return begun(instance).orElseGet(() -> {
            String id = OperationId.ofGeneration(
                    instance.getMetadata().getGeneration(),
                    instance.getMetadata().getName(),
                    instance.getMetadata().getUid());
            return live.cleanup(id).orElseGet(() -> {
                writes.create(Cleanups.of(
                        id,
                        instance,
                        Operation.SUSPEND,
                        nodes(instance),
                        CleanupPolicies.complete(instance.getSpec().cleanup(), settings.cleanup()),
                        clock.instant()));
                return live.cleanup(id)
                        .orElseThrow(() -> new IllegalStateException("VpnCleanup " + id + " is gone again"));
            });
        });
    }

    private Optional<VpnCleanup> begun(VpnInstance instance) {
        VpnInstanceStatus status = instance.getStatus();
        boolean suspended = status != null
                && Conditions.of(status.conditions(), Reasons.READY)
                        .filter(ready -> Reasons.SUSPENDING.equals(ready.getReason())
                                || Reasons.SUSPENDED.equals(ready.getReason()))
                        .isPresent();
        return suspended && status.cleanup() != null
                ? live.cleanup(status.cleanup().operationId())
                        .filter(found -> found.getSpec().operation() == Operation.SUSPEND)
                : Optional.empty();
    }

    private List<CoveredNode> nodes(VpnInstance instance) {
        return live.attachments(instance.getMetadata().getUid()).stream()
                .map(attachment -> new CoveredNode(
                        attachment.getSpec().nodeName(),
                        attachment.getMetadata().getName()))
                .sorted(Comparator.comparing(CoveredNode::node))
                .toList();
    }

    private VpnInstanceStatus status(VpnInstance instance, VpnCleanup cleanup, boolean nothingLeft) {
        VpnInstanceStatus before = instance.getStatus();
        CleanupProgress progress = Cleanups.progress(cleanup);
        boolean down = progress.phase() == OperationPhase.COMPLETED && nothingLeft;
        String text = down
                ? "the tunnel was taken down: " + progress.message()
                : "cleanup " + progress.operationId() + ": " + progress.message();
        boolean stalled = cleanup.getStatus() != null
                && Conditions.isTrue(cleanup.getStatus().conditions(), Reasons.STALLED);
        String reason = down ? Reasons.SUSPENDED : Reasons.SUSPENDING;
        return (before == null ? VpnInstanceStatusBuilder.builder() : VpnInstanceStatusBuilder.builder(before))
                .observedGeneration(instance.getMetadata().getGeneration())
                .interfaceName(ObjectNames.interfaceName(instance))
                .nodes(new VpnInstanceStatus.NodeCounts(0, progress.nodes() - progress.nodesVerified(), 0))
                .notReady(null)
                .cleanup(progress)
                .conditions(new Conditions(
                                before == null ? null : before.conditions(),
                                instance.getMetadata().getGeneration(),
                                clock.instant())
                        .set(Reasons.READY, false, reason, text)
                        .set(Reasons.RECONCILING, !down && !stalled, reason, text)
                        .set(Reasons.STALLED, stalled, reason, stalled ? text : "nothing needs a person")
                        .list())
                .build();
    }
}
