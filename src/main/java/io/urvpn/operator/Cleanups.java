package io.urvpn.operator;

import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpec;
import io.urvpn.api.v1alpha1.VpnCleanupSpec.CoveredNode;
import io.urvpn.api.v1alpha1.VpnCleanupSpecBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.CleanupProgress;
import java.time.Instant;
import java.util.List;

/** Cleanups as the operator creates them. */
final class Cleanups {
    private Cleanups() {}

    /** A new one of an instance that is there. */
    static VpnCleanup of(
            String id,
            VpnInstance instance,
            Operation operation,
            List<CoveredNode> nodes,
            CleanupPolicy policy,
            Instant requestedAt) {
        return of(
                id,
                VpnCleanupSpecBuilder.builder()
                        .operation(operation)
                        .instance(new InstanceReference(
                                instance.getMetadata().getName(),
                                instance.getMetadata().getUid()))
                        .instanceDisplayName(ObjectNames.displayName(instance))
                        .type(instance.getSpec().type())
                        .interfaceName(ObjectNames.interfaceName(instance))
                        .requestedAt(requestedAt)
                        .nodes(nodes)
                        .policy(policy)
                        .build());
    }

    /** A new one; its finalizer keeps its evidence while it is under way. */
    static VpnCleanup of(String id, VpnCleanupSpec spec) {
        VpnCleanup cleanup = new VpnCleanup();
        cleanup.getMetadata().setName(id);
        cleanup.getMetadata()
                .setLabels(ObjectNames.labels(
                        spec.instance().name(), spec.instance().uid()));
        cleanup.getMetadata().setFinalizers(List.of(Names.FINALIZER_EVIDENCE));
        cleanup.setSpec(spec);
        return cleanup;
    }

    /** How far it is, as an instance shows it. */
    static CleanupProgress progress(VpnCleanup cleanup) {
        VpnCleanupStatus status = cleanup.getStatus();
        boolean told = status != null && status.phase() != null;
        return new CleanupProgress(
                cleanup.getMetadata().getName(),
                told ? status.phase() : OperationPhase.IN_PROGRESS,
                told ? status.components() : null,
                cleanup.getSpec().nodes().size(),
                told && status.counts() != null ? status.counts().verified() : Integer.valueOf(0),
                told ? status.nextVerificationAt() : null,
                told && status.message() != null ? status.message() : "the cleanup begins");
    }
}
