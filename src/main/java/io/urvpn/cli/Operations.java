package io.urvpn.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import java.util.Comparator;
import java.util.Optional;

/** Finding an operation, and what it says to who waits for its end. */
final class Operations {
    private Operations() {}

    /** By its id, or the newest of an instance. */
    static Optional<VpnCleanup> find(KubernetesClient client, String name) {
        return Optional.ofNullable(
                        client.resources(VpnCleanup.class).withName(name).get())
                .or(() -> client.resources(VpnCleanup.class).list().getItems().stream()
                        .filter(cleanup -> cleanup.getSpec().instance().name().equals(name))
                        .max(Comparator.comparing(cleanup -> cleanup.getSpec().requestedAt())));
    }

    /** Of the deletion of the instance of that uid. */
    static Optional<VpnCleanup> ofDeletion(KubernetesClient client, String uid) {
        return client.resources(VpnCleanup.class).withLabel(Names.LABEL_INSTANCE_UID, uid).list().getItems().stream()
                .filter(cleanup -> cleanup.getSpec().operation() == Operation.DELETE)
                .max(Comparator.comparing(cleanup -> cleanup.getSpec().requestedAt()));
    }

    /** The exit code of one that has ended; empty while it goes on. */
    static Optional<Integer> exit(VpnCleanup cleanup) {
        VpnCleanupStatus status = cleanup.getStatus();
        if (status == null || status.phase() == null) {
            return Optional.empty();
        }
        boolean unread = status.counts() != null
                && status.counts().notRead() != null
                && status.counts().notRead() > 0;
        return switch (status.phase()) {
            case OperationPhase.COMPLETED -> Optional.of(unread ? KubectlVpn.FAILED : 0);
            case OperationPhase.FAILED -> Optional.of(KubectlVpn.FAILED);
            case OperationPhase.DEBT_OPEN -> Optional.of(KubectlVpn.DEBT);
            case OperationPhase.IN_PROGRESS -> Optional.empty();
        };
    }
}
