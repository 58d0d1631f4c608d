package io.urvpn.agent;

import io.urvpn.host.Machine;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether this node reaches the API server by a new connection. */
public final class ApiReach {
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final Machine machine;
    private final Supplier<InetSocketAddress> server;
    private final AgentSettings.Timing timing;
    private final Runnable lost;

    /**
     * Of one API server.
     *
     * @param server its address, resolved anew each time
     * @param lost told when a whole window passed without a connection; returns at once
     */
    public ApiReach(Machine machine, Supplier<InetSocketAddress> server, AgentSettings.Timing timing, Runnable lost) {
        this.lost = lost;
        this.machine = machine;
        this.server = server;
        this.timing = timing;
    }

    /** Where the API server is; empty where its name cannot be resolved at the moment. */
    Optional<InetSocketAddress> address() {
        return Optional.of(server.get()).filter(address -> !address.isUnresolved());
    }

    /** One try. */
    public boolean now() {
        return machine.reaches(server.get(), timing.reachProbe());
    }

    /** Tries again and again; false where none worked within the window. */
    public boolean within() throws InterruptedException {
        long end = System.nanoTime() + timing.reachWindow().toNanos();
        while (true) {
            long left = end - System.nanoTime();
            Duration probe = Duration.ofNanos(
                    Math.clamp(left, 1_000_000, timing.reachProbe().toNanos()));
            if (machine.reaches(server.get(), probe)) {
                return true;
            }
            if (System.nanoTime() + PAUSE.toNanos() >= end) {
                lost.run();
                return false;
            }
            Thread.sleep(PAUSE);
        }
    }
}
