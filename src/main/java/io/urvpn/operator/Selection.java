package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Node;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.VpnAttachment;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which nodes an instance is to be on.
 *
 * @param wanted names of the nodes
 * @param unwanted names of nodes that have an attachment and are not wanted any more, with the reason for people
 */
public record Selection(Set<String> wanted, Map<String, String> unwanted) {

    /**
     * Judges every node. A node whose Node object is absent keeps its attachment: absence says nothing of the machine.
     *
     * @param attachments all of the instance
     */
    public static Selection of(Eligibility eligibility, Collection<Node> nodes, Collection<VpnAttachment> attachments) {
        Set<String> attached = attachments.stream()
                .filter(attachment -> attachment.getSpec().desired() == DesiredState.ATTACHED)
                .map(attachment -> attachment.getSpec().nodeName())
                .collect(Collectors.toCollection(HashSet::new));
        Set<String> wanted = new TreeSet<>();
        Map<String, String> unwanted = new TreeMap<>();
        Map<String, Node> byName = new HashMap<>();
        for (Node node : nodes) {
            String name = node.getMetadata().getName();
            byName.put(name, node);
            boolean here = attached.contains(name);
            if (here ? eligibility.keeps(node) : eligibility.begins(node)) {
                wanted.add(name);
            } else if (here) {
                unwanted.put(name, eligibility.whyNotKept(node));
            }
        }
        attached.stream().filter(name -> !byName.containsKey(name)).forEach(wanted::add);
        return new Selection(wanted, unwanted);
    }
}
