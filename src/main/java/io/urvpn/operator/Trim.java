package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.urvpn.tunnel.TunnelType;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What the operator keeps in memory of objects that are not its own. */
final class Trim {
    /** Annotation of a trimmed Secret only. */
    private static final String WRITTEN = "written";

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

    /** The node, the uid, which files of the Secret it gets to see, and since when its container runs. */
    static Pod pod(Pod pod) {
        return new PodBuilder()
                .withMetadata(metadata(pod))
                .withNewSpec()
                .withNodeName(pod.getSpec() == null ? null : pod.getSpec().getNodeName())
                .withVolumes(PodConfiguration.ownFiles(pod))
                .endSpec()
                .withStatus(started(pod))
                .build();
    }

    private static PodStatus started(Pod pod) {
        List<ContainerStatus> running =
                Optional.ofNullable(pod.getStatus()).map(PodStatus::getContainerStatuses).orElse(List.of()).stream()
                        .filter(container -> container.getState() != null
                                && container.getState().getRunning() != null)
                        .map(container -> new ContainerStatusBuilder()
                                .withNewState()
                                .withRunning(container.getState().getRunning())
                                .endState()
                                .build())
                        .toList();
        return new PodStatusBuilder().withContainerStatuses(running).build();
    }

    /**
     * What belongs to a Secret with configurations, which may name each of its keys, and when it was written; nothing of
     * another Secret.
     */
    static Secret secret(Secret secret) {
        Map<String, String> data = Optional.ofNullable(secret.getData()).orElse(Map.of());
        boolean configuration = data.keySet().stream().anyMatch(TunnelType::isConfiguration);
        return new SecretBuilder()
                .withMetadata(metadata(secret))
                .editMetadata()
                .withAnnotations(written(secret.getMetadata()))
                .endMetadata()
                .withData(configuration ? data : Map.of())
                .build();
    }

    /** Whatever was written of it, by whomever; nothing where that is not on record. */
    private static Map<String, String> written(ObjectMeta metadata) {
        return metadata.getManagedFields().stream()
                .map(ManagedFieldsEntry::getTime)
                .filter(Objects::nonNull)
                .map(Instant::parse)
                .max(Comparator.naturalOrder())
                .map(at -> Map.of(WRITTEN, at.toString()))
                .orElse(Map.of());
    }

    /** When a trimmed Secret was written last; empty where that is not known. */
    static Optional<Instant> written(Secret trimmed) {
        return Optional.ofNullable(trimmed.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(WRITTEN))
                .map(Instant::parse);
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
