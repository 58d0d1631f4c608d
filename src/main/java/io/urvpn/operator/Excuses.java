package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Nodes that say nothing of an instance's health while their tunnel is not up: they have just joined, are not ready, are
 * being removed, or have no Node any more. Without this, a cluster that scales would never be seen at rest.
 */
final class Excuses {
    /** Taints of autoscalers on a node that they are about to remove. */
    private static final Set<String> LEAVING =
            Set.of("ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted", "karpenter.sh/disruption");

    private final Duration joinGrace;
    private final Instant now;

    Excuses(Duration joinGrace, Instant now) {
        this.joinGrace = joinGrace;
        this.now = now;
    }

    /** Those that are excused; none where all would be, since then nothing is left to judge by. */
    Set<String> among(Set<String> wanted, ClusterCache cache) {
        Set<String> excused = new HashSet<>();
        for (String name : wanted) {
            Optional<Node> node = cache.node(name);
            if (node.isEmpty() || excused(node.get())) {
                excused.add(name);
            }
        }
        return excused.size() == wanted.size() ? Set.of() : excused;
    }

    private boolean excused(Node node) {
        boolean notReady = Trim.ready(node)
                .filter(ready -> !"True".equals(ready.getStatus()) && ready.getLastTransitionTime() != null)
                .isPresent();
        boolean leaves = node.isMarkedForDeletion()
                || Optional.ofNullable(node.getSpec().getTaints()).orElse(List.of()).stream()
                        .anyMatch(taint -> LEAVING.contains(taint.getKey()));
        return notReady || leaves || now.isBefore(joined(node).plus(joinGrace));
    }

    /** When the node joined. */
    static Instant joined(Node node) {
        String created = node.getMetadata().getCreationTimestamp();
        return created == null ? Instant.EPOCH : Instant.parse(created);
    }
}
