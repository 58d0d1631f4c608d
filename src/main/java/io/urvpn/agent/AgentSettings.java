package io.urvpn.agent;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What the agent is told.
 *
 * @param nodeName name of its Node
 * @param version of the agent
 * @param stateDirectory registry and machine key, on the node's disk
 * @param runtimeDirectory permits and sockets, gone with a reboot
 * @param routeProtocol protocol number of our routes and rules (rtm_protocol), 5 to 255
 * @param firstTable first routing table of the range
 * @param lastTable last routing table of the range
 * @param sweepInterval from one sweep to the next
 * @param timing how often and how long
 */
public record AgentSettings(
        String nodeName,
        String version,
        Path stateDirectory,
        Path runtimeDirectory,
        int routeProtocol,
        int firstTable,
        int lastTable,
        Duration sweepInterval,
        Timing timing) {

    /**
     * How often and how long.
     *
     * @param resync between two looks at an attachment at which nothing seems to happen
     * @param poll between two looks at an attachment that waits for its pod or interface
     * @param debounce from a notification of the kernel to the look that it causes
     * @param reachWindow for which the API server may be out of reach after an apply, before that is taken back
     * @param reachProbe for one connection to the API server
     * @param cutBackoff after which what had cut the node off is tried again
     * @param failureBackoff after which a refused apply is tried again; doubles up to a minute
     * @param counterInterval between two writes of counters alone
     * @param showStepAfter after which a running step is shown in the status
     */
    public record Timing(
            Duration resync,
            Duration poll,
            Duration debounce,
            Duration reachWindow,
            Duration reachProbe,
            Duration cutBackoff,
            Duration failureBackoff,
            Duration counterInterval,
            Duration showStepAfter) {

        /** What the design says. */
        public static final Timing DEFAULT = new Timing(
                Duration.ofSeconds(5),
                Duration.ofMillis(200),
                Duration.ofMillis(100),
                Duration.ofSeconds(9),
                Duration.ofSeconds(1),
                Duration.ofMinutes(3),
                Duration.ofSeconds(5),
                Duration.ofMinutes(5),
                Duration.ofSeconds(2));
    }
}
