package io.urvpn.agent;

import io.urvpn.agent.Registry.Lookup;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.PlanAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PlanAnswer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** The loop of one attachment: each pass looks at the node as it is now. Passes of one loop never overlap. */
public final class AttachmentLoop implements AutoCloseable {
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
        if (ofAnotherMachine(attachment, node.identity())) {
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
        try {
            plan(attachment);
            return switch (spec.desired()) {
                case ATTACHED -> attaching.pass(attachment);
                case DETACHED -> {
                    attaching.close();
                    yield detaching.pass(attachment);
                }
            };
        } catch (Registry.Unwritable e) {
            LOG.warnf("%s waits: %s", attachment.getMetadata().getName(), e.getMessage());
            node.report()
                    .reason(
                            attachment,
                            Reasons.JOURNAL_UNWRITABLE,
                            "nothing more is done until the journal can be written: " + e.getMessage());
            return node.settings().timing().failureBackoff();
        }
    }

    /** Answers a dry run once; an instance without an entry has nothing here that a detach would remove. */
    private void plan(VpnAttachment attachment) {
        PlanAsk ask = attachment.getSpec().plan();
        if (ask == null || node.plans().to(attachment).isPresent()) {
            return;
        }
        String uid = attachment.getSpec().instance().uid();
        node.plans()
                .put(
                        attachment,
                        node.registry().find(uid) instanceof Lookup.Known(JournalEntry entry)
                                ? DryRun.answer(node, ask, entry)
                                : new PlanAnswer(ask.id(), node.now(), 0, List.of(), null));
    }

    /** A machine with another key owes nothing here and answers for nothing. */
    static boolean ofAnotherMachine(VpnAttachment attachment, NodeIdentity identity) {
        VpnAttachmentStatus status = attachment.getStatus();
        return Stream.of(attachment.getSpec().machineKey(), status == null ? null : status.machineKey())
                .anyMatch(key -> key != null && !key.equals(identity.machineKey()));
    }

    /** Lets go of what it holds outside of memory; a further pass opens it again. */
    @Override
    public void close() {
        attaching.close();
    }
}
