package io.urvpn.kernel.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The runtime image's launcher as a pod runs it, but on this machine: in network, PID and mount namespaces of its own,
 * with a directory of the test mounted where the pod has that of its node.
 */
final class Pod {
    static final String UID = "11111111-2222-3333-4444-555555555555";
    static final String INSTANCE_UID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    static final String LINK = "urv0";

    private static final String SETUP = """
            mount -t sysfs sysfs /sys && mount -t tmpfs tmpfs /run && mkdir /run/ur-vpn && mount --bind "$1" /run/ur-vpn \
            && ln -s /run/ur-vpn/wireguard /run/wireguard && ip link set lo up && eval "$2" && exec "$0"
            """;

    private final Path directory;
    private final Process outer;

    private Pod(Path directory, Process outer) {
        this.directory = directory;
        this.outer = outer;
    }

    /** Compiles the launcher, which takes a second when nothing has changed. */
    static Path compile() throws IOException, InterruptedException {
        Path launcher = Path.of("target/launcher").toAbsolutePath();
        Process build = new ProcessBuilder("go", "build", "-o", launcher.toString(), ".")
                .directory(Path.of("images/runtime/launcher").toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(build.getInputStream().readAllBytes());
        if (build.waitFor() != 0) {
            throw new IllegalStateException("the launcher does not compile: " + said);
        }
        return launcher;
    }

    /** Where {@link #compileNetguard} puts it. */
    private static Path netguard() {
        return Path.of("target/netguard.so").toAbsolutePath();
    }

    /** Compiles what keeps charon from changing the node where it encrypts by itself, as images/build does. */
    static void compileNetguard() throws IOException, InterruptedException {
        Process build = new ProcessBuilder(
                        "gcc",
                        "-std=gnu11",
                        "-O2",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-shared",
                        "-fPIC",
                        "-o",
                        netguard().toString(),
                        "images/runtime/netguard/netguard.c",
                        "-ldl")
                .redirectErrorStream(true)
                .start();
        String said = new String(build.getInputStream().readAllBytes());
        if (build.waitFor() != 0) {
            throw new IllegalStateException("netguard does not compile: " + said);
        }
    }

    /**
     * Starts the launcher.
     *
     * @param directory the test's; {@code tmp} in it is the container's own
     *     temporary directory, {@code bin} goes first on the PATH, {@code node} becomes /run/ur-vpn,
     *     {@code tunnel.conf} is the configuration and {@code log} takes what the launcher says
     * @param before a shell command run in the namespaces before the launcher is
     */
    static Pod start(Path launcher, Path directory, String before) throws IOException {
        return start(launcher, directory, before, "WireGuard");
    }

    /** Starts the launcher for another type of VPN; {@code files} in the directory is what the configuration names. */
    static Pod start(Path launcher, Path directory, String before, String type) throws IOException {
        return start(launcher, directory, before, type, Map.of());
    }

    /** Starts the launcher with more in its environment. */
    static Pod start(Path launcher, Path directory, String before, String type, Map<String, String> environment)
            throws IOException {
        Files.createDirectories(directory.resolve("node"));
        ProcessBuilder builder = new ProcessBuilder(
                "unshare",
                "--net",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "sh",
                "-c",
                SETUP,
                launcher.toString(),
                directory.resolve("node").toString(),
                before);
        builder.environment().put("URVPN_INSTANCE_UID", INSTANCE_UID);
        builder.environment().put("URVPN_INSTANCE_NAME", "office");
        builder.environment().put("URVPN_TYPE", type);
        builder.environment().put("URVPN_INTERFACE", LINK);
        builder.environment().put("URVPN_POD_UID", UID);
        builder.environment()
                .put("URVPN_CONFIG", directory.resolve("tunnel.conf").toString());
        builder.environment().put("URVPN_FILES", directory.resolve("files").toString());
        builder.environment().put("URVPN_NETGUARD", netguard().toString());
        builder.environment()
                .put("TMPDIR", Files.createDirectories(directory.resolve("tmp")).toString());
        builder.environment().putAll(environment);
        builder.environment().merge("PATH", directory.resolve("bin") + ":", (path, bin) -> bin + path);
        builder.redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile());
        return new Pod(directory, builder.start());
    }

    void grant(String podUid) throws IOException {
        Path written = Files.writeString(directory.resolve("node/.permit"), podUid + "\n");
        Files.move(written, directory.resolve("node/permit"), StandardCopyOption.ATOMIC_MOVE);
    }

    void withdraw() throws IOException {
        Files.delete(directory.resolve("node/permit"));
    }

    /** What the pod has asked for, empty before it has. */
    String request() throws IOException {
        Path file = directory.resolve("node/request");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    String log() {
        try {
            return Files.readString(directory.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command on the pod's node, and returns what it printed. */
    String onNode(String... command) {
        List<String> whole = new ArrayList<>(
                List.of("nsenter", "-t", Long.toString(launcher().pid()), "--net", "--mount", "--pid", "--"));
        whole.addAll(List.of(command));
        try {
            Process process =
                    new ProcessBuilder(whole).redirectErrorStream(true).start();
            return new String(process.getInputStream().readAllBytes()).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a process of the test's own in the network of the pod's node. */
    Process inNetwork(Path log, String... command) throws IOException {
        List<String> whole = new ArrayList<>(
                List.of("nsenter", "-t", Long.toString(launcher().pid()), "--net", "--"));
        whole.addAll(List.of(command));
        return new ProcessBuilder(whole)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    boolean hasLink() {
        return !onNode("ip", "-o", "link", "show")
                .lines()
                .filter(line -> line.contains(": " + LINK + ":"))
                .toList()
                .isEmpty();
    }

    /** The daemon, a child of the launcher. */
    Optional<ProcessHandle> daemon() {
        return launcher().children().findFirst();
    }

    boolean isRunning() {
        return outer.isAlive();
    }

    /** Sends SIGTERM, as the kubelet does, and returns the exit code; at most 20 s. */
    int terminate() throws InterruptedException {
        launcher().destroy();
        if (!outer.waitFor(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the launcher did not end: " + log());
        }
        return outer.exitValue();
    }

    /** The first process of the PID namespace: before it is the launcher it is the shell that sets the node up. */
    private ProcessHandle launcher() {
        return outer.toHandle()
                .children()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the launcher does not run: " + log()));
    }

    /** Ends every process of the pod. */
    void kill() throws InterruptedException {
        outer.destroyForcibly().waitFor();
    }
}
