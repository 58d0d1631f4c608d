package io.urvpn.operator;

import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpec.CoveredNode;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.operator.CleanupScope.Covered;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Brings together what a pass over a cleanup needs to know. */
final class CleanupGathering {
    private final ClusterCache cache;
    private final CleanupAnnotations annotations;
    private final Clock clock;

    CleanupGathering(ClusterCache cache, CleanupAnnotations annotations, Clock clock) {
        this.cache = cache;
        this.annotations = annotations;
        this.clock = clock;
    }

    /** Nodes of the spec, and whatever else the instance still has: a stale operator may have attached one more. */
    CleanupScope of(VpnCleanup cleanup) {
        String uid = cleanup.getSpec().instance().uid();
        Map<String, VpnAttachment> byNode = new HashMap<>();
        Map<String, NodeCleanup> told = new HashMap<>();
        Optional.ofNullable(cleanup.getStatus())
                .map(VpnCleanupStatus::nodes)
                .orElse(List.of())
                .forEach(node -> told.put(node.node(), node));
        cache.attachments(uid).stream()
                .filter(attachment -> concerns(cleanup, told, attachment))
                .forEach(attachment -> byNode.put(attachment.getSpec().nodeName(), attachment));
        List<Covered> nodes = new ArrayList<>();
        for (CoveredNode covered : cleanup.getSpec().nodes()) {
            nodes.add(new Covered(
                    covered.node(),
                    Optional.ofNullable(byNode.remove(covered.node())),
                    Optional.ofNullable(told.remove(covered.node()))));
        }
        byNode.forEach((node, attachment) ->
                nodes.add(new Covered(node, Optional.of(attachment), Optional.ofNullable(told.remove(node)))));
        // a node that is on record stays there when its attachment has gone
        told.forEach((node, stored) -> nodes.add(new Covered(node, Optional.empty(), Optional.of(stored))));
        return new CleanupScope(cleanup, nodes, annotations.read(cleanup, cache.attachments(uid)), clock.instant());
    }

    /** A deletion is of all that the instance still has; any other operation only of what it was begun for. */
    private static boolean concerns(VpnCleanup cleanup, Map<String, NodeCleanup> told, VpnAttachment attachment) {
        String node = attachment.getSpec().nodeName();
        boolean ordered = attachment.getSpec().detach() != null
                && cleanup.getMetadata()
                        .getName()
                        .equals(attachment.getSpec().detach().operationId());
        boolean covered =
                cleanup.getSpec().nodes().stream().anyMatch(one -> one.node().equals(node));
        boolean open =
                Optional.ofNullable(told.get(node)).map(NodeCleanup::outcome).isEmpty();
        return ordered || cleanup.getSpec().operation() == Operation.DELETE || (covered && open);
    }
}
