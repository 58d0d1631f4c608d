package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Pods that are not as their DaemonSet says are replaced one node after the other: the next one only while the tunnel of
 * each node whose turn it was is up in its new pod. Where one does not come back the others keep what they have. A pod that
 * cannot come up, as it does not see a file of its configuration, waits for nobody. Pure.
 *
 * @param next the pod to end now; empty while a node is waited for
 * @param message how far it is, for people
 * @param waitsSince since when the node that is waited for has had its new pod or lost its tunnel; empty where none is
 */
public record RuntimeRoll(Optional<Pod> next, String message, Optional<Instant> waitsSince) {
    /** A pod that has not come back for so long has stopped the roll: an image is pulled and a tunnel up by then. */
    static final Duration PATIENCE = Duration.ofMinutes(3);

    /** A revision that no pod has. */
    private static final String CHANGED = "another configuration";

    /**
     * One node, as the roll sees it.
     *
     * @param why why it is not up; empty where it is
     * @param since when it has not been up, of its present pod
     * @param helpless true where it cannot come up in this pod, which does not see a file of its configuration
     */
    private record Place(
            String node, Optional<Pod> outdated, Optional<String> why, boolean helpless, Optional<Instant> since) {}

    /**
     * What is to be done; empty where each pod is as it should be.
     *
     * @param changed nodes whose pod was started with another configuration than the present one
     * @param away nodes that run no pod anew at the moment: they take their turn when they are back
     */
    public static Optional<RuntimeRoll> of(
            DaemonSet daemonSet,
            List<Pod> pods,
            Collection<VpnAttachment> attachments,
            Set<String> changed,
            Set<String> away) {
        String revision =
                RuntimeDaemonSet.revision(daemonSet.getSpec().getTemplate().getMetadata());
        Map<String, List<Pod>> byNode = pods.stream()
                .filter(pod -> pod.getSpec().getNodeName() != null)
                .collect(Collectors.groupingBy(pod -> pod.getSpec().getNodeName()));
        TreeMap<String, Place> places = new TreeMap<>();
        attachments.stream()
                .filter(attachment -> attachment.getSpec().desired() == DesiredState.ATTACHED)
                .filter(attachment -> !away.contains(attachment.getSpec().nodeName()))
                .forEach(attachment -> {
                    String node = attachment.getSpec().nodeName();
                    String wanted = changed.contains(node) ? CHANGED : revision;
                    places.put(node, place(attachment, byNode.getOrDefault(node, List.of()), daemonSet, wanted));
                });
        List<Place> outdated = places.values().stream()
                .filter(place -> place.outdated().isPresent())
                // one that is down loses nothing, and the new pod may help it
                .sorted(Comparator.comparing((Place place) -> place.why().isEmpty()))
                .toList();
        List<Place> down = places.values().stream()
                .filter(place -> place.outdated().isEmpty() && place.why().isPresent())
                .toList();
        if (outdated.isEmpty()) {
            return Optional.empty();
        }
        String far =
                places.size() - outdated.size() - down.size() + " of " + places.size() + " nodes have their new pod; ";
        if (!observed(daemonSet)) {
            return Optional.of(new RuntimeRoll(
                    Optional.empty(), far + "the DaemonSet controller has not seen the change yet", Optional.empty()));
        }
        Optional<Place> helpless = outdated.stream().filter(Place::helpless).findFirst();
        Optional<RuntimeRoll> waits = down.stream()
                .filter(place -> helpless.isEmpty())
                .findFirst()
                .map(place -> new RuntimeRoll(
                        Optional.empty(),
                        far + "no other is replaced before node " + place.node() + " is ready: "
                                + place.why().orElseThrow(),
                        place.since()));
        Place next = helpless.orElse(outdated.getFirst());
        return waits.or(() -> Optional.of(
                new RuntimeRoll(next.outdated(), far + "node " + next.node() + " is next", Optional.empty())));
    }

    /** True where the node that is waited for has had its time. */
    boolean stopped(Instant now) {
        return waitsSince.filter(since -> !now.isBefore(since.plus(PATIENCE))).isPresent();
    }

    /** When it counts as stopped, where nothing else happens before. */
    Optional<Instant> stopsAt(Instant now) {
        return waitsSince.map(since -> since.plus(PATIENCE)).filter(now::isBefore);
    }

    /** Before that a pod that is ended would come back as it was. */
    private static boolean observed(DaemonSet daemonSet) {
        return daemonSet.getStatus() != null
                && Objects.equals(
                        daemonSet.getStatus().getObservedGeneration(),
                        daemonSet.getMetadata().getGeneration());
    }

    private static Place place(VpnAttachment attachment, List<Pod> here, DaemonSet daemonSet, String revision) {
        String node = attachment.getSpec().nodeName();
        Optional<Pod> living =
                here.stream().filter(pod -> !pod.isMarkedForDeletion()).findFirst();
        if (living.isEmpty()) {
            return new Place(
                    node,
                    Optional.empty(),
                    Optional.of(here.isEmpty() ? "it has no pod" : "its pod has not ended yet"),
                    false,
                    Optional.empty());
        }
        Optional<String> why = notUp(attachment, living.get());
        // a tunnel that is up needs no file more, and is left as it is
        boolean helpless = why.isPresent() && PodConfiguration.lacksFile(living.get(), daemonSet, node);
        Optional<Pod> outdated = living.filter(
                pod -> helpless || !Objects.equals(RuntimeDaemonSet.revision(pod.getMetadata()), revision));
        return new Place(node, outdated, why, helpless, why.flatMap(_ -> since(attachment, living.get())));
    }

    private static Optional<Instant> since(VpnAttachment attachment, Pod pod) {
        Stream<String> down = Stream.ofNullable(attachment.getStatus())
                .flatMap(status -> Conditions.of(status.conditions(), Reasons.READY).stream())
                .filter(ready -> !"True".equals(ready.getStatus()))
                .map(Condition::getLastTransitionTime);
        return Stream.concat(Stream.of(pod.getMetadata()).map(ObjectMeta::getCreationTimestamp), down)
                .filter(Objects::nonNull)
                .map(Instant::parse)
                .max(Instant::compareTo);
    }

    /** Ready counts only of the pod that is there now: what is said of the one before it may not have been taken back yet. */
    private static Optional<String> notUp(VpnAttachment attachment, Pod pod) {
        VpnAttachmentStatus status = attachment.getStatus();
        if (status == null
                || !Objects.equals(
                        status.observedGeneration(), attachment.getMetadata().getGeneration())) {
            return Optional.of("its agent has not taken the order up yet");
        }
        if (!Objects.equals(status.permittedPodUid(), pod.getMetadata().getUid())) {
            return Optional.of("its pod " + pod.getMetadata().getName() + " has no permit yet");
        }
        Optional<Condition> ready = Conditions.of(status.conditions(), Reasons.READY);
        return ready.filter(told -> "True".equals(told.getStatus())).isPresent()
                ? Optional.empty()
                : Optional.of(ready.map(told -> told.getReason() + ", " + told.getMessage())
                        .orElse("its agent has not said anything of it yet"));
    }
}
