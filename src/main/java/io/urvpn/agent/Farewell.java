package io.urvpn.agent;

import io.urvpn.host.HostException;
import org.jboss.logging.Logger;

/** What is done when an attachment object has gone. */
final class Farewell {
    private static final Logger LOG = Logger.getLogger(Farewell.class);

    private final NodeContext node;

    Farewell(NodeContext node) {
        this.node = node;
    }

    /**
     * Forgets a detachment record that was verified; leaves an active entry alone, since nobody ordered it to be cleaned, and
     * keeps a record that was not verified, since nobody knows what is there.
     */
    void to(JournalEntry entry) {
        String uid = entry.instance().uid();
        if (entry.state() == JournalEntry.State.ACTIVE) {
            LOG.warnf(
                    "instance %s (uid %s) is on this node, but its attachment %s is not in the API; it is left as it is",
                    entry.instance().name(), uid, entry.attachmentName());
            return;
        }
        if (UnverifiedDetach.is(entry)) {
            LOG.warnf(
                    "the detach of instance %s (uid %s) was not verified on this node, and its attachment %s is not in the API;"
                            + " its record stays for the sweep",
                    entry.instance().name(), uid, entry.attachmentName());
            return;
        }
        try {
            new VolatileDirectory(node.host().files(), InstancePaths.of(node.settings(), uid)).removeWhereNothing();
            node.registry().remove(uid);
        } catch (HostException e) {
            LOG.warnf("the detachment record of %s stays: %s", uid, e.getMessage());
        }
    }
}
