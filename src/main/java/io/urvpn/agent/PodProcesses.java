package io.urvpn.agent;

import io.urvpn.host.NodeProcess;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The processes of an instance by what they are for. In its container an init (tini) starts the launcher and the launcher
 * starts the daemon; whatever else runs there is ended with the daemon.
 *
 * @param launchers init and launcher of each container: the kubelet ends them with their pod
 * @param daemons all others
 */
record PodProcesses(List<NodeProcess> launchers, List<NodeProcess> daemons) {
    private static final Set<String> INITS = Set.of("tini", "catatonit", "docker-init");

    /** Sorts what a scan saw. */
    static PodProcesses of(Marks marks, Collection<NodeProcess> scan) {
        List<NodeProcess> ours = scan.stream().filter(marks::owns).toList();
        Set<NodeProcess> launchers = new HashSet<>();
        ours.stream()
                .filter(process -> process.podUid().isPresent())
                .collect(Collectors.groupingBy(process ->
                        process.podUid().get() + "/" + process.containerId().orElse("")))
                .values()
                .forEach(container -> launchers.addAll(keepers(container)));
        return new PodProcesses(
                ours.stream().filter(launchers::contains).toList(),
                ours.stream().filter(Predicate.not(launchers::contains)).toList());
    }

    /** The launcher of a pod; empty where none runs. */
    Optional<NodeProcess> launcher(String podUid) {
        return launchers.stream()
                .filter(process -> process.podUid().filter(podUid::equals).isPresent())
                .filter(process -> !INITS.contains(process.name()))
                .findFirst();
    }

    private static List<NodeProcess> keepers(List<NodeProcess> container) {
        Set<Integer> pids = container.stream().map(NodeProcess::pid).collect(Collectors.toSet());
        Comparator<NodeProcess> byAge =
                Comparator.comparingLong(NodeProcess::startTicks).thenComparingInt(NodeProcess::pid);
        Optional<NodeProcess> root = container.stream()
                .filter(process -> !pids.contains(process.parent()))
                .min(byAge);
        if (root.isEmpty() || !INITS.contains(root.get().name())) {
            return root.stream().toList();
        }
        Optional<NodeProcess> launcher = container.stream()
                .filter(process -> process.parent() == root.get().pid())
                .min(byAge);
        return launcher.map(child -> List.of(root.get(), child)).orElse(List.of(root.get()));
    }
}
