package io.urvpn.host.linux;

import io.urvpn.host.HostException;
import io.urvpn.host.NodeProcess;
import io.urvpn.host.Processes;
import io.urvpn.host.linux.ProcFs.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Processes by /proc and pidfd. */
public final class LinuxProcesses implements Processes {
    private static final byte[] MARK = "URVPN_INSTANCE_UID=".getBytes(StandardCharsets.UTF_8);
    private static final String PAUSE_EXECUTABLE = "/pause";
    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;

    private final ProcFs proc;

    /** Of /proc, or of a directory that a test puts in its place. */
    public LinuxProcesses(Path proc) {
        this.proc = new ProcFs(proc);
    }

    /** What one process is, as far as it could be read. */
    private sealed interface Seen {
        record Readable(NodeProcess process) implements Seen {}

        record Refused(Unreadable unreadable) implements Seen {}

        record Nothing() implements Seen {}
    }

    @Override
    public Scan scan() {
        List<NodeProcess> processes = new ArrayList<>();
        List<Unreadable> unreadable = new ArrayList<>();
        for (int pid : proc.processes()) {
            switch (see(pid)) {
                case Seen.Readable readable -> processes.add(readable.process);
                case Seen.Refused refused -> unreadable.add(refused.unreadable);
                case Seen.Nothing nothing -> {}
            }
        }
        return new Scan(Sandboxes.mark(processes, this::executesPause), unreadable);
    }

    private Seen see(int pid) {
        ProcessStat stat;
        switch (proc.read(pid, "stat")) {
            case Outcome.Content content -> stat = ProcessStat.parse(content.text());
            case Outcome.Refused refused -> {
                return new Seen.Refused(new Unreadable(pid, "", refused.what()));
            }
            case Outcome.Ended ended -> {
                return new Seen.Nothing();
            }
        }
        if (stat.kernelThread() || stat.ended()) {
            return new Seen.Nothing();
        }
        return switch (proc.read(pid, "cgroup")) {
            case Outcome.Content content -> identify(pid, stat, Cgroup.parse(content.text()));
            case Outcome.Refused refused -> new Seen.Refused(new Unreadable(pid, stat.name(), refused.what()));
            case Outcome.Ended ended -> new Seen.Nothing();
        };
    }

    /** A pod's process is known by its cgroup; only of the others the environment is read. */
    private Seen identify(int pid, ProcessStat stat, Cgroup cgroup) {
        if (cgroup.podUid().isPresent()) {
            return new Seen.Readable(process(pid, stat, cgroup, Optional.empty()));
        }
        return switch (proc.read(pid, "environ")) {
            case Outcome.Content content -> new Seen.Readable(process(pid, stat, cgroup, mark(content.bytes())));
            case Outcome.Refused refused -> new Seen.Refused(new Unreadable(pid, stat.name(), refused.what()));
            case Outcome.Ended ended -> new Seen.Nothing();
        };
    }

    private static NodeProcess process(int pid, ProcessStat stat, Cgroup cgroup, Optional<String> mark) {
        return new NodeProcess(
                pid, stat.startTicks(), stat.name(), cgroup.podUid(), cgroup.containerId(), mark, false, stat.parent());
    }

    /** The instance that a process names in its environment: variables are divided by zero bytes. */
    public static Optional<String> mark(byte[] environment) {
        int start = 0;
        while (start < environment.length) {
            int end = start;
            while (end < environment.length && environment[end] != 0) {
                end++;
            }
            int value = start + MARK.length;
            if (value < end && Arrays.equals(environment, start, value, MARK, 0, MARK.length)) {
                return Optional.of(new String(environment, value, end - value, StandardCharsets.UTF_8));
            }
            start = end + 1;
        }
        return Optional.empty();
    }

    private boolean executesPause(NodeProcess process) {
        return proc.link(process.pid(), "exe")
                .map(executable -> executable.endsWith(PAUSE_EXECUTABLE))
                .orElse(true);
    }

    @Override
    public boolean signal(NodeProcess process, Signal signal) {
        int number = switch (signal) {
            case TERM -> SIGTERM;
            case KILL -> SIGKILL;
        };
        String tried = "send " + signal + " to process " + process.pid() + " (" + process.name() + ")";
        return withPidfd(tried, process, pidfd -> {
                    Libc.pidfdSendSignal(pidfd, number);
                    return true;
                })
                .orElse(false);
    }

    @Override
    public boolean awaitEnd(NodeProcess process, Duration timeout) {
        String tried = "wait for process " + process.pid() + " (" + process.name() + ")";
        int millis = Math.toIntExact(Math.clamp(timeout.toMillis(), 0, Integer.MAX_VALUE));
        return withPidfd(tried, process, pidfd -> Libc.awaitReadable(millis, pidfd) == 0)
                .orElse(true);
    }

    @FunctionalInterface
    private interface PidfdUse {
        boolean with(int pidfd);
    }

    /**
     * Opens a pidfd, then looks whether the pid is still that process: from then on the pidfd cannot become another's.
     *
     * @return empty where the process has ended
     */
    private Optional<Boolean> withPidfd(String tried, NodeProcess process, PidfdUse use) {
        try {
            int pidfd = Libc.pidfdOpen(process.pid());
            try {
                return runs(tried, process) ? Optional.of(use.with(pidfd)) : Optional.empty();
            } finally {
                Libc.close(pidfd);
            }
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw Errno.refusal(tried, e);
        }
    }

    private boolean runs(String tried, NodeProcess process) {
        return switch (proc.read(process.pid(), "stat")) {
            case Outcome.Content content -> {
                ProcessStat stat = ProcessStat.parse(content.text());
                yield stat.startTicks() == process.startTicks() && !stat.ended();
            }
            case Outcome.Ended ended -> false;
            case Outcome.Refused refused ->
                throw new HostException(HostException.Kind.DENIED, tried + ": " + refused.what());
        };
    }

    @Override
    public boolean holdsTun(NodeProcess process, String interfaceName) {
        String wanted = "iff:\t" + interfaceName;
        return proc.names(process.pid(), "fdinfo").stream()
                .map(fd -> proc.read(process.pid(), "fdinfo/" + fd))
                .anyMatch(outcome -> outcome instanceof Outcome.Content content
                        && content.text().lines().anyMatch(wanted::equals));
    }
}
