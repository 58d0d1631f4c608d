package io.urvpn.agent;

import io.urvpn.host.NodeProcess;
import io.urvpn.host.Processes;
import io.urvpn.host.Processes.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Ends processes: TERM, some time, KILL. */
final class ProcessEnding {
    /** A killed process ends at once unless it hangs in the kernel. */
    private static final Duration AFTER_KILL = Duration.ofSeconds(2);

    private final Processes processes;

    ProcessEnding(Processes processes) {
        this.processes = processes;
    }

    /**
     * Ends these processes.
     *
     * @param grace from TERM to KILL
     * @return those that are still there
     */
    List<NodeProcess> end(List<NodeProcess> all, Duration grace) {
        all.forEach(process -> processes.signal(process, Signal.TERM));
        List<NodeProcess> left = awaitAll(all, grace);
        left.forEach(process -> processes.signal(process, Signal.KILL));
        return awaitAll(left, AFTER_KILL);
    }

    private List<NodeProcess> awaitAll(List<NodeProcess> all, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        List<NodeProcess> left = new ArrayList<>();
        for (NodeProcess process : all) {
            if (!processes.awaitEnd(process, Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
                left.add(process);
            }
        }
        return left;
    }
}
