package io.urvpn.agent;

import io.urvpn.agent.Registry.Lookup;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import java.time.Duration;
import org.jboss.logging.Logger;

/** The loop of one attachment: each pass looks at the node as it is now. Passes of one loop never overlap. */
public final class AttachmentLoop {
    private static final Logger LOG = Logger.getLogger(AttachmentLoop.class);

    private final NodeContext node;
    private final Attaching attaching;
    private final Detaching detaching;

    public AttachmentLoop(NodeContext node) {
        this.node = node;
        this.attaching = new Attaching(node);
        this.detaching = new Detaching(node);
    }

    /**
     * One pass.
     *
     * @return after how long the next one is due at the latest
     */
    public Duration pass(VpnAttachment attachment) throws InterruptedException {
        VpnAttachmentSpec spec = attachment.getSpec();
        if (spec == null || spec.desired() == null) {
            LOG.warnf(
                    "%s asks for something that this version does not know; nothing is done",
                    attachment.getMetadata().getName());
            return node.settings().timing().resync();
        }
        if (ofAnotherMachine(attachment)) {
            LOG.debugf(
                    "%s belongs to another machine that had the name of this Node",
                    attachment.getMetadata().getName());
            return node.settings().timing().resync();
        }
        if (node.registry().find(spec.instance().uid()) instanceof Lookup.Unknown(String why)) {
            node.report()
                    .reason(
                            attachment,
                            Reasons.UNKNOWN_JOURNAL,
                            why + "; nothing is done for this instance until an agent that knows it runs here");
            return node.settings().timing().resync();
        }
        return switch (spec.desired()) {
            case ATTACHED -> attaching.pass(attachment);
            case DETACHED -> detaching.pass(attachment);
        };
    }

    /** A machine with another key owes nothing here and answers for nothing. */
    private boolean ofAnotherMachine(VpnAttachment attachment) {
        VpnAttachmentStatus status = attachment.getStatus();
        return status != null
                && status.machineKey() != null
                && !status.machineKey().equals(node.identity().machineKey());
    }
}
