package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which pods were started with another configuration than that of their node now. A pod keeps what it saw at its start, so
 * when one is first seen the digest of the moment is written down, on the attachment of its node. Pure.
 *
 * @param outdated nodes whose pod has another one
 * @param unrecorded what is to be written down
 */
public record RunningConfigurations(Set<String> outdated, List<Entry> unrecorded) {
    /** Annotation of an attachment: pod, key and digest, with a space between them. */
    public static final String ANNOTATION = Names.GROUP + "/configuration";

    /** Nothing is compared. */
    public static final RunningConfigurations NONE = new RunningConfigurations(Set.of(), List.of());

    /** Instead of a digest: the Secret was written after the pod had started, and what it has seen is not known. */
    private static final String UNKNOWN = "unknown";

    /** A value of the annotation that is to be written. */
    public record Entry(VpnAttachment attachment, String value) {}

    /**
     * Compares what runs with what should.
     *
     * @param digests digest of the present configuration by node; none for a node whose configuration cannot be used
     * @param keyId by which key
     * @param written when the Secret was written last, where that is known
     */
    public static RunningConfigurations of(
            Map<String, String> digests,
            String keyId,
            Optional<Instant> written,
            Collection<Pod> pods,
            Collection<VpnAttachment> attachments) {
        Map<String, Pod> living = new HashMap<>();
        pods.stream()
                .filter(pod -> pod.getSpec().getNodeName() != null && !pod.isMarkedForDeletion())
                .forEach(pod -> living.putIfAbsent(pod.getSpec().getNodeName(), pod));
        Set<String> outdated = new HashSet<>();
        List<Entry> unrecorded = new ArrayList<>();
        for (VpnAttachment attachment : attachments) {
            String node = attachment.getSpec().nodeName();
            String digest = digests.get(node);
            Pod pod = living.get(node);
            if (digest == null || pod == null || attachment.getSpec().desired() != DesiredState.ATTACHED) {
                continue;
            }
            String of = pod.getMetadata().getUid() + " " + keyId + " ";
            String recorded = recorded(attachment);
            if (recorded == null || !recorded.startsWith(of)) {
                recorded = of + (sawTheWritten(pod, written) ? digest : UNKNOWN);
                unrecorded.add(new Entry(attachment, recorded));
            }
            if (!recorded.equals(of + digest)) {
                outdated.add(node);
            }
        }
        return new RunningConfigurations(outdated, unrecorded);
    }

    private static String recorded(VpnAttachment attachment) {
        Map<String, String> annotations = attachment.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(ANNOTATION);
    }

    /** A container that has not started yet will see the Secret as it is, or as it becomes. */
    private static boolean sawTheWritten(Pod pod, Optional<Instant> written) {
        Optional<Instant> started =
                Optional.ofNullable(pod.getStatus()).map(PodStatus::getContainerStatuses).orElse(List.of()).stream()
                        .map(ContainerStatus::getState)
                        .filter(Objects::nonNull)
                        .map(ContainerState::getRunning)
                        .filter(Objects::nonNull)
                        .map(ContainerStateRunning::getStartedAt)
                        .filter(Objects::nonNull)
                        .map(Instant::parse)
                        .findFirst();
        return started.isEmpty()
                || written.filter(at -> !at.isAfter(started.get())).isPresent();
    }
}
