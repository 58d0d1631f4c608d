package io.urvpn.host.linux;

import io.urvpn.host.NodeProcess;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Which processes are a pod sandbox's own. The runtime starts a pod's sandbox before any of its containers and ends it after
 * all of them, so its waiting process is the first of the pod that still runs, alone in its container, and started from
 * outside the pod; it is called {@code pause} and runs a file of that name. A container cannot make its
 * own process look so: whatever it is called, the sandbox's is older.
 */
public final class Sandboxes {
    private static final String NAME = "pause";

    private Sandboxes() {}

    /**
     * Marks them.
     *
     * @param executesPause true where the process runs a file named {@code pause}, or where that cannot be read
     */
    public static List<NodeProcess> mark(List<NodeProcess> processes, Predicate<NodeProcess> executesPause) {
        Map<String, Long> firstOfPod = new HashMap<>();
        Map<String, Integer> inContainer = new HashMap<>();
        for (NodeProcess process : processes) {
            process.podUid().ifPresent(pod -> firstOfPod.merge(pod, process.startTicks(), Math::min));
            process.containerId().ifPresent(id -> inContainer.merge(id, 1, Integer::sum));
        }
        Map<Integer, Optional<String>> podOfPid = processes.stream()
                .collect(Collectors.toMap(NodeProcess::pid, NodeProcess::podUid, (one, other) -> one));
        Set<Integer> sandboxes = processes.stream()
                .filter(process ->
                        process.podUid().isPresent() && process.name().equals(NAME))
                .filter(process ->
                        process.startTicks() == firstOfPod.get(process.podUid().get()))
                .filter(process -> process.containerId()
                        .map(id -> inContainer.get(id) == 1)
                        .orElse(true))
                .filter(process -> !podOfPid.getOrDefault(process.parent(), Optional.empty())
                        .equals(process.podUid()))
                .filter(executesPause)
                .map(NodeProcess::pid)
                .collect(Collectors.toSet());
        return processes.stream()
                .map(process -> sandboxes.contains(process.pid()) ? asSandbox(process) : process)
                .toList();
    }

    private static NodeProcess asSandbox(NodeProcess process) {
        return new NodeProcess(
                process.pid(),
                process.startTicks(),
                process.name(),
                process.podUid(),
                process.containerId(),
                process.instanceUid(),
                true,
                process.parent());
    }
}
