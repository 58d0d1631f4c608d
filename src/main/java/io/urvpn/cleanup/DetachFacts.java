package io.urvpn.cleanup;

import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of one attachment that was ordered to detach.
 *
 * @param uid uid of the attachment
 * @param generation its generation
 * @param spec its spec, with a detach order
 * @param status its status, empty before the agent first wrote one
 * @param pods names of the instance's pods that still exist for that node, by a live list
 * @param agent what the VpnNode of that node says, empty where there is none
 * @param presence where the node is
 * @param interventions what people did that concerns this node
 * @param stored what the stored record says that ended this node's part before; empty while nothing did
 * @param recordedKey key of the machine in that record; empty where none stands there
 * @param now the operator's time
 */
public record DetachFacts(
        String uid,
        long generation,
        VpnAttachmentSpec spec,
        Optional<VpnAttachmentStatus> status,
        List<String> pods,
        Optional<VpnNodeStatus> agent,
        Presence presence,
        Interventions interventions,
        Optional<Outcome> stored,
        Optional<String> recordedKey,
        Instant now) {

    /** Key of the machine that had the tunnel, as far as anybody recorded it. */
    public Optional<String> machineKey() {
        return recordedKey
                .or(() -> Optional.ofNullable(spec.machineKey()))
                .or(() -> status.map(VpnAttachmentStatus::machineKey));
    }

    /** How far the agent is with this order; empty where it has not begun, or speaks of another order. */
    Optional<VpnAttachmentStatus.DetachStatus> progress() {
        return status.map(VpnAttachmentStatus::detach)
                .filter(detach -> spec.detach().operationId().equals(detach.operationId()));
    }

    /** True where no step is to run any more on the node. */
    public boolean stepsDone() {
        return progress().map(detach -> detach.stepsCompletedAt() != null).orElse(false);
    }
}
