package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import io.urvpn.cleanup.Presence;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where the node of an attachment is. Absence has no time of its own in the API, so the operator writes down when it first
 * saw it, before it counts; and it is looked at live before anything ends by it.
 */
final class NodePresence {
    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    private final ClusterCache cache;
    private final LiveReads live;
    private final ApiWrites writes;

    NodePresence(ClusterCache cache, LiveReads live, ApiWrites writes) {
        this.cache = cache;
        this.live = live;
        this.writes = writes;
    }

    /** As the cache has it, with the time of an absence kept on the attachment. */
    Presence of(VpnAttachment attachment, Optional<String> machineKey, Instant now) {
        String name = attachment.getSpec().nodeName();
        Optional<String> absent = absent(name, machineKey, cache.node(name), cache.agent(name));
        Optional<Instant> since = absentSince(attachment);
        if (absent.isEmpty()) {
            since.ifPresent(before -> writes.annotate(attachment, Names.ANNOTATION_NODE_ABSENT_SINCE, null));
            return there(cache.node(name).orElseThrow());
        }
        if (since.isEmpty()) {
            writes.annotate(attachment, Names.ANNOTATION_NODE_ABSENT_SINCE, now.toString());
        }
        return new Presence.Absent(since.orElse(now), absent.get());
    }

    /** Asked of the API server itself. */
    boolean absentLive(VpnAttachment attachment, Optional<String> machineKey) {
        String name = attachment.getSpec().nodeName();
        return absent(name, machineKey, live.node(name), live.agent(name)).isPresent();
    }

    /** True where the kubelet is silent, so that nobody ends a pod there or takes its object away. */
    static boolean kubeletSilent(Node node) {
        return kubeletSilentSince(node).isPresent();
    }

    /** Since when the kubelet is silent, by the clock of the control plane. */
    static Optional<Instant> kubeletSilentSince(Node node) {
        return Trim.ready(node)
                .filter(ready -> "Unknown".equals(ready.getStatus()))
                .map(NodeCondition::getLastTransitionTime)
                .flatMap(NodePresence::instant);
    }

    /** Since when no Node of its name is backed by its machine, as it was written down. */
    static Optional<Instant> absentSince(VpnAttachment attachment) {
        return Optional.ofNullable(attachment.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Names.ANNOTATION_NODE_ABSENT_SINCE))
                .flatMap(NodePresence::instant);
    }

    /** Key of the machine as the attachment has it. */
    static Optional<String> machineKey(VpnAttachment attachment) {
        return Optional.ofNullable(attachment.getSpec().machineKey())
                .or(() -> Optional.ofNullable(attachment.getStatus()).map(VpnAttachmentStatus::machineKey));
    }

    private static Optional<String> absent(
            String name, Optional<String> machineKey, Optional<Node> node, Optional<VpnNodeStatus> agent) {
        if (node.isEmpty()) {
            return Optional.of("there is no Node " + name);
        }
        boolean another = machineKey.isPresent()
                && agent.map(VpnNodeStatus::machineKey)
                        .filter(key -> !key.equals(machineKey.get()))
                        .isPresent();
        return another ? Optional.of("another machine has the name of node " + name) : Optional.empty();
    }

    private static Presence there(Node node) {
        boolean outOfService = Optional.ofNullable(node.getSpec().getTaints()).orElse(List.of()).stream()
                .anyMatch(taint -> OUT_OF_SERVICE.equals(taint.getKey()));
        if (outOfService) {
            return new Presence.OutOfService();
        }
        return kubeletSilentSince(node).<Presence>map(Presence.Silent::new).orElseGet(Presence.Present::new);
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
