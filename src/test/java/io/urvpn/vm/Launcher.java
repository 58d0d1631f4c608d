package io.urvpn.vm;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The runtime image's launcher, as the container of a pod runs it: in the pod's cgroup, by which the agent knows it, and with
 * a /sys that shows the test's network.
 */
final class Launcher {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup/kubepods");
    private static final String CONTAINER = "c".repeat(64);
    private static final String SETUP = "echo $$ >\"$1/cgroup.procs\" && mount -t sysfs sysfs /sys && exec \"$0\"";

    private final Process process;
    private final Path log;

    private Launcher(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts it.
     *
     * @param commands directory that goes first on its PATH
     * @param environment URVPN_* as the operator sets them
     * @param log takes what it says
     */
    static Launcher start(Path commands, List<String> environment, String podUid, Path log) {
        String binary = System.getProperty("urvpn.launcher");
        if (binary == null) {
            throw new IllegalStateException("urvpn.launcher is not set: run this tier by 'make test-vm'");
        }
        try {
            Path cgroup =
                    Files.createDirectories(CGROUPS.resolve("pod" + podUid).resolve(CONTAINER));
            ProcessBuilder builder =
                    new ProcessBuilder("unshare", "--mount", "sh", "-c", SETUP, binary, cgroup.toString());
            builder.environment().put("URVPN_POD_UID", podUid);
            environment.forEach(variable -> {
                String[] parts = variable.split("=", 2);
                builder.environment().put(parts[0], parts[1]);
            });
            builder.environment().merge("PATH", commands + ":", (path, first) -> first + path);
            builder.redirectErrorStream(true).redirectOutput(log.toFile());
            return new Launcher(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String said() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it was killed by somebody else. */
    void awaitEnd() {
        await().atMost(WireGuardNode.LONG).until(() -> !process.isAlive());
    }

    /** SIGTERM, as the kubelet ends a container. */
    void terminate() {
        process.destroy();
        awaitEnd();
    }

    /** SIGKILL: it can do nothing more. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }
}
