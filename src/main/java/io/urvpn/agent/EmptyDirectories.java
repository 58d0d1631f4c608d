package io.urvpn.agent;

import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.host.HostException;
import io.urvpn.host.NodeProcess;
import io.urvpn.host.Processes;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Directories of volatile state that a kubelet made again, or in which a launcher asked once more, after the last look at
 * their instance: a kubelet that hears late that a pod is to end restarts its container until then. They are nothing, but
 * they would lie about until the next boot.
 */
final class EmptyDirectories {
    private static final Logger LOG = Logger.getLogger(EmptyDirectories.class);

    private final NodeContext node;
    private Set<String> seenBefore = Set.of();

    EmptyDirectories(NodeContext node) {
        this.node = node;
    }

    /**
     * Removes those that two runs saw one after the other, and for which no pod asks any more.
     *
     * @param nothing instance uids of those in which nothing is
     * @param attachments all of this node, from a store that has synced
     */
    void remove(Set<String> nothing, Collection<VpnAttachment> attachments) {
        Set<String> unknown = new HashSet<>(nothing);
        unknown.removeAll(known(attachments));
        Set<String> twice = new HashSet<>(unknown);
        twice.retainAll(seenBefore);
        seenBefore = unknown;
        if (twice.isEmpty()) {
            return;
        }
        Processes.Scan scan = node.host().processes().scan();
        twice.stream().filter(name -> !asks(name, scan)).forEach(this::remove);
    }

    private void remove(String name) {
        try {
            new VolatileDirectory(node.host().files(), paths(name)).removeWhereNothing();
            LOG.infof("removed %s, in which nothing was", paths(name).runtime());
        } catch (HostException e) {
            LOG.warnf("%s stays: %s", paths(name).runtime(), e.getMessage());
        }
    }

    /** Also where that cannot be told: a pod that runs has this directory mounted. */
    private boolean asks(String name, Processes.Scan scan) {
        Optional<String> pod = new Permits(node.host().files(), paths(name)).requested();
        return !scan.unreadable().isEmpty()
                || scan.processes().stream()
                        .map(NodeProcess::podUid)
                        .flatMap(Optional::stream)
                        .anyMatch(running -> pod.filter(running::equals).isPresent());
    }

    private Set<String> known(Collection<VpnAttachment> attachments) {
        Set<String> known = new HashSet<>(node.registry().unknown().keySet());
        node.registry().entries().forEach(entry -> known.add(entry.instance().uid()));
        attachments.stream()
                .filter(attachment -> attachment.getSpec() != null)
                .forEach(attachment -> known.add(attachment.getSpec().instance().uid()));
        return known;
    }

    private InstancePaths paths(String name) {
        return InstancePaths.of(node.settings(), name);
    }
}
