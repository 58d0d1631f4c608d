package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one pass over a cleanup knows; gathered once.
 *
 * @param cleanup as it is stored, by a live read
 * @param nodes that it covers
 * @param takenUp what people asked for by annotation and is not on record yet
 * @param now the time of the pass
 */
record CleanupScope(VpnCleanup cleanup, List<Covered> nodes, List<TakenUp> takenUp, Instant now) {

    private static final int INTERVENTIONS = 32;

    /**
     * One node.
     *
     * @param attachment as it is cached
     * @param stored what the stored status says of it
     */
    record Covered(String node, Optional<VpnAttachment> attachment, Optional<NodeCleanup> stored) {

        /** True where the stored status says what ended this very attachment, and it may go. */
        boolean verdictStored() {
            return ended()
                    && !released()
                    && attachment
                            .filter(a -> a.getMetadata()
                                    .getUid()
                                    .equals(stored.orElseThrow().attachmentUid()))
                            .isPresent();
        }

        /** True where the object was let go before the node was verified: the attachment stays until it is. */
        boolean released() {
            return stored.map(NodeCleanup::outcome)
                    .filter(outcome -> outcome == Outcome.RELEASED)
                    .isPresent();
        }

        /** Key of the machine as the record has it. */
        Optional<String> machineKey() {
            return stored.map(NodeCleanup::machineKey);
        }

        /** True where the stored status says what ended an attachment on this node. */
        boolean ended() {
            return stored.map(NodeCleanup::outcome).isPresent();
        }
    }

    /**
     * What a person asked for by an annotation.
     *
     * @param on the object that carries it
     * @param key of the annotation
     * @param value of the annotation, as it was read
     * @param intervention what it says
     */
    record TakenUp(HasMetadata on, String key, String value, Intervention intervention) {}

    /** What people did, with what is taken up in this pass. */
    List<Intervention> interventions() {
        List<Intervention> all = new ArrayList<>(recorded());
        takenUp.forEach(one -> all.add(one.intervention()));
        // an operation has room for so many; the oldest go first
        return all.size() <= INTERVENTIONS ? all : all.subList(all.size() - INTERVENTIONS, all.size());
    }

    /** What people did, as it is stored: only that is acted on. */
    List<Intervention> recorded() {
        return Optional.ofNullable(cleanup.getStatus())
                .map(VpnCleanupStatus::interventions)
                .orElse(List.of());
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
