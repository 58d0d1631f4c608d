package io.urvpn.agent;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.DetachOrder;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.VerificationAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A detach that the journal says was ordered, and that nobody verified before its attachment went. Its steps run again and
 * the node is read, as for any detach; only there is nobody to tell but the journal. The record stays, and the sweep reports
 * it, until the operator has answered with an attachment: what it has on record may be that the node was not read.
 */
final class UnverifiedDetach {
    /** Nobody waits for the pods here, so what is left of them is ended too. */
    private static final List<Component> AGAIN = List.of(
            Component.THREAD_TERMINATION,
            Component.ROUTING_RULES_CLEAR,
            Component.VPN_DISCONNECT,
            Component.CONFIGURATION_UPDATE);

    /** No object has this generation, so a verdict with it was asked for here. */
    private static final long OF_NO_OBJECT = 0;

    private final NodeContext node;

    UnverifiedDetach(NodeContext node) {
        this.node = new NodeContext(
                node.host(),
                node.registry(),
                node.registration(),
                node.settings(),
                node.identity(),
                node.reach(),
                new Silent(),
                node.clock());
    }

    /** True where an entry is one. */
    static boolean is(JournalEntry entry) {
        boolean verified =
                entry.verdict() != null && Boolean.TRUE.equals(entry.verdict().clean());
        return entry.detach() != null && entry.detach().operationId() != null && !verified;
    }

    /** True where it was carried through here and the node was read clean, which only the journal knows. */
    static boolean ended(JournalEntry entry) {
        return entry.state() == JournalEntry.State.DETACHED
                && entry.verdict() != null
                && Boolean.TRUE.equals(entry.verdict().clean())
                && Objects.equals(entry.verdict().generation(), OF_NO_OBJECT);
    }

    /** Runs it once; the journal has the verdict afterwards. */
    void run(JournalEntry entry) throws InterruptedException {
        Instant now = node.now();
        VpnAttachment attachment = new VpnAttachment();
        attachment.getMetadata().setName(entry.attachmentName());
        attachment.getMetadata().setUid(entry.attachmentUid());
        attachment.getMetadata().setGeneration(OF_NO_OBJECT);
        attachment.setSpec(VpnAttachmentSpecBuilder.builder()
                .instance(entry.instance())
                .nodeName(node.settings().nodeName())
                .type(entry.type())
                .interfaceName(entry.interfaceName())
                .desired(DesiredState.DETACHED)
                .detach(new DetachOrder(entry.detach().operationId(), now, "", null, null))
                .verification(new VerificationAsk(
                        1, now, node.identity().bootId(), node.identity().agentStartedAt(), AGAIN))
                .build());
        new Detaching(node).pass(attachment);
    }

    /** There is no object whose status could be written. */
    private static final class Silent implements StatusReports {
        @Override
        public void report(VpnAttachment attachment, VpnAttachmentStatus status) {
            // nobody reads it
        }

        @Override
        public Optional<VpnAttachmentStatus> written(VpnAttachment attachment) {
            return Optional.empty();
        }
    }
}
