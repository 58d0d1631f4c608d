package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.urvpn.tunnel.TunnelType;
import java.util.Map;
import java.util.Optional;

/** What the operator keeps in memory of objects that are not its own. */
final class Trim {
    private Trim() {}

    /** Labels, taints and the condition Ready. */
    static Node node(Node node) {
        return new NodeBuilder()
                .withMetadata(metadata(node))
                .withNewSpec()
                .withTaints(node.getSpec() == null ? null : node.getSpec().getTaints())
                .withUnschedulable(
                        node.getSpec() == null ? null : node.getSpec().getUnschedulable())
                .endSpec()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(readiness(node))
                .withLastTransitionTime(ready(node)
                        .map(condition -> condition.getLastTransitionTime())
                        .orElse(null))
                .endCondition()
                .endStatus()
                .build();
    }

    /** The node, the uid, and which files of the Secret it gets to see. */
    static Pod pod(Pod pod) {
        return new PodBuilder()
                .withMetadata(metadata(pod))
                .withNewSpec()
                .withNodeName(pod.getSpec() == null ? null : pod.getSpec().getNodeName())
                .withVolumes(PodConfiguration.ownFiles(pod))
                .endSpec()
                .build();
    }

    /** What belongs to a Secret with configurations, which may name each of its keys; nothing of another Secret. */
    static Secret secret(Secret secret) {
        Map<String, String> data = Optional.ofNullable(secret.getData()).orElse(Map.of());
        boolean configuration = data.keySet().stream().anyMatch(TunnelType::isConfiguration);
        return new SecretBuilder()
                .withMetadata(metadata(secret))
                .withData(configuration ? data : Map.of())
                .build();
    }

    /** The status of the condition Ready: True, False or Unknown. */
    static String readiness(Node node) {
        return ready(node).map(condition -> condition.getStatus()).orElse("Unknown");
    }

    /** The condition Ready. */
    static Optional<NodeCondition> ready(Node node) {
        return Optional.ofNullable(node.getStatus()).stream()
                .flatMap(status -> status.getConditions().stream())
                .filter(condition -> "Ready".equals(condition.getType()))
                .findFirst();
    }

    private static ObjectMeta metadata(HasMetadata object) {
        ObjectMeta whole = object.getMetadata();
        return new ObjectMetaBuilder()
                .withName(whole.getName())
                .withNamespace(whole.getNamespace())
                .withUid(whole.getUid())
                .withResourceVersion(whole.getResourceVersion())
                .withCreationTimestamp(whole.getCreationTimestamp())
                .withDeletionTimestamp(whole.getDeletionTimestamp())
                .withLabels(whole.getLabels())
                .build();
    }
}
