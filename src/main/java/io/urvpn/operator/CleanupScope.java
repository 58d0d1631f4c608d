package io.urvpn.operator;

import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one pass over a cleanup knows; gathered once.
 *
 * @param cleanup as it is stored, by a live read
 * @param nodes that it covers
 * @param now the time of the pass
 */
record CleanupScope(VpnCleanup cleanup, List<Covered> nodes, Instant now) {

    /**
     * One node.
     *
     * @param attachment as it is cached
     * @param stored what the stored status says of it
     */
    record Covered(String node, Optional<VpnAttachment> attachment, Optional<NodeCleanup> stored) {

        /** True where the stored status says what ended this very attachment. */
        boolean verdictStored() {
            return ended()
                    && attachment
                            .filter(a -> a.getMetadata()
                                    .getUid()
                                    .equals(stored.orElseThrow().attachmentUid()))
                            .isPresent();
        }

        /** True where the stored status says what ended an attachment on this node. */
        boolean ended() {
            return stored.map(NodeCleanup::outcome).isPresent();
        }
    }

    String instanceUid() {
        return cleanup.getSpec().instance().uid();
    }

    /** Attachments without a stored verdict. */
    List<VpnAttachment> underWay() {
        return nodes.stream()
                .filter(node -> !node.verdictStored())
                .flatMap(node -> node.attachment().stream())
                .toList();
    }
}
