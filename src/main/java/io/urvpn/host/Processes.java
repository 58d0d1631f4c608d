package io.urvpn.host;

import java.time.Duration;
import java.util.List;

/** Processes of the node (/proc, pidfd). */
public interface Processes {
    /** What one pass over /proc saw. */
    record Scan(List<NodeProcess> processes, List<Unreadable> unreadable) {}

    /**
     * A process that exists but whose cgroup or environment may not be read: it is not known to be somebody else's.
     *
     * @param pid process id
     * @param name command name, where that could be read; else empty
     * @param what which file was refused, and how (EACCES, EPERM)
     */
    record Unreadable(int pid, String name, String what) {}

    /** Signals that the agent sends. */
    enum Signal {
        TERM,
        KILL
    }

    /** Reads every process; one that ends meanwhile is left out. */
    Scan scan();

    /**
     * Sends a signal by pidfd, after checking that the pid still belongs to that process.
     *
     * @return false where the process had ended already
     */
    boolean signal(NodeProcess process, Signal signal);

    /**
     * Waits for the end of a process.
     *
     * @return true where it ended within the time (a zombie has ended)
     */
    boolean awaitEnd(NodeProcess process, Duration timeout);

    /**
     * True where the process holds a tun device of that interface name open (the {@code iff:} line of its fdinfo).
     * Where it cannot be read it is false.
     */
    boolean holdsTun(NodeProcess process, String interfaceName);
}
