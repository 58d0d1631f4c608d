package io.urvpn.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.urvpn.api.v1alpha1.VpnAttachment;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/** Attachments of which the node has a record, and which went while no agent was here, or unseen. */
final class Departures {
    private static final Logger LOG = Logger.getLogger(Departures.class);

    private final KubernetesClient client;
    private final NodeContext node;

    Departures(KubernetesClient client, NodeContext node) {
        this.client = client;
        this.node = node;
    }

    /**
     * Detachment records whose attachment has gone are done with; an active entry without one is left alone.
     *
     * @param followed whether the attachment of that name is among those that the agent follows
     */
    void take(Predicate<String> followed) {
        for (JournalEntry entry : node.registry().entries()) {
            if (!followed.test(entry.attachmentName()) && gone(entry)) {
                take(entry);
            }
        }
    }

    /** What the journal says was ordered is carried through, attachment or not; what was verified is forgotten. */
    private void take(JournalEntry entry) {
        if (entry.state() == JournalEntry.State.DETACHED && UnverifiedDetach.is(entry)) {
            try {
                new UnverifiedDetach(node).run(entry);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        } else if (!UnverifiedDetach.ended(entry)) {
            new Farewell(node).to(entry);
        }
    }

    /** Asks the API server itself: a list may be from before the attachment was made. */
    private boolean gone(JournalEntry entry) {
        try {
            return client.resources(VpnAttachment.class)
                            .withName(entry.attachmentName())
                            .get()
                    == null;
        } catch (KubernetesClientException e) {
            LOG.warnf("cannot tell whether attachment %s is gone: %s", entry.attachmentName(), e.getMessage());
            return false;
        }
    }
}
