package io.urvpn.operator;

import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Orphan;
import io.urvpn.notify.EventReason;
import io.urvpn.notify.EventRecorder;
import io.urvpn.notify.Occurrence;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Tells of what a sweep has found newly; a node is looked at again and again while it is there. */
final class OrphanEvents {
    private static final int SHOWN = 3;

    private final EventRecorder events;
    /** What was told of each node; an operator that is started anew tells once more. */
    private final Map<String, Set<String>> told = new ConcurrentHashMap<>();

    OrphanEvents(EventRecorder events) {
        this.events = events;
    }

    void of(VpnNode node) {
        String name = node.getMetadata().getName();
        List<Orphan> orphans = Optional.ofNullable(node.getStatus())
                .map(VpnNodeStatus::sweep)
                .map(VpnNodeStatus.Sweep::orphans)
                .orElse(List.of());
        Set<String> now = orphans.stream().map(OrphanEvents::key).collect(Collectors.toSet());
        Set<String> before = now.isEmpty() ? told.remove(name) : told.put(name, now);
        List<Orphan> found = orphans.stream()
                .filter(orphan -> before == null || !before.contains(key(orphan)))
                .toList();
        if (!found.isEmpty()) {
            events.record(List.of(new Occurrence(
                    EventReason.ORPHAN_FOUND, References.of(node), Optional.empty(), note(name, found))));
        }
    }

    private static String key(Orphan orphan) {
        return orphan.kind() + " " + orphan.identity();
    }

    private static String note(String node, List<Orphan> found) {
        return found.size() + " found on node " + node + " that nothing explains: "
                + found.stream().limit(SHOWN).map(OrphanEvents::words).collect(Collectors.joining("; "))
                + (found.size() > SHOWN ? " and " + (found.size() - SHOWN) + " more" : "")
                + "; see: kubectl describe vpnnode " + node;
    }

    private static String words(Orphan orphan) {
        return Optional.ofNullable(orphan.message()).orElse(key(orphan))
                + Optional.ofNullable(orphan.instanceName())
                        .map(instance -> " (of VpnInstance " + instance + ")")
                        .orElse("");
    }
}
