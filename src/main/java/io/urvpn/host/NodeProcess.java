package io.urvpn.host;

import java.util.Optional;

/**
 * A process of the node.
 *
 * @param pid process id in the node's PID namespace
 * @param startTicks start time since boot in clock ticks (field 22 of /proc/pid/stat); tells a reused pid
 * @param name command name, at most 15 characters
 * @param podUid uid of the pod by its cgroup
 * @param containerId id of the container by its cgroup
 * @param instanceUid the mark URVPN_INSTANCE_UID in its environment; looked for only where its cgroup names no pod
 * @param sandbox it is a pod sandbox's own waiting process
 * @param parent process id of its parent
 */
public record NodeProcess(
        int pid,
        long startTicks,
        String name,
        Optional<String> podUid,
        Optional<String> containerId,
        Optional<String> instanceUid,
        boolean sandbox,
        int parent) {}
