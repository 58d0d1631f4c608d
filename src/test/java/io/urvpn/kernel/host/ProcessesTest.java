package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.host.NodeProcess;
import io.urvpn.host.Processes;
import io.urvpn.host.Processes.Signal;
import io.urvpn.host.linux.LinuxProcesses;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {
    /** Each of them lets a process read another user's environment (ptrace_may_access and may_access_mm of the kernel). */
    private static final int[] READERS = {19 /* SYS_PTRACE */, 21 /* SYS_ADMIN */, 38 /* PERFMON */};

    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration AT_ONCE = Duration.ofMillis(200);

    private final Processes processes = new LinuxProcesses(Path.of("/proc"));
    private final String instance = UUID.randomUUID().toString();
    private final List<Process> started = new ArrayList<>();
    private final List<Path> cgroups = new ArrayList<>();

    @BeforeAll
    static void root() {
        NetworkNamespace.requireRoot();
    }

    @AfterEach
    void endAll() throws Exception {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        for (Path cgroup : cgroups.reversed()) {
            Files.deleteIfExists(cgroup);
        }
    }

    private Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("URVPN_INSTANCE_UID", instance);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static String firstLine(Process process) throws IOException {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
    }

    private List<NodeProcess> marked() {
        return processes.scan().processes().stream()
                .filter(process -> process.instanceUid().equals(Optional.of(instance)))
                .toList();
    }

    private Optional<NodeProcess> ofPid(long pid) {
        return processes.scan().processes().stream()
                .filter(process -> process.pid() == pid)
                .findFirst();
    }

    @Test
    void aProcessIsKnownByTheMarkInItsEnvironmentAndEndsByItsPidfd() throws Exception {
        Process sleep = start("sleep", "1000");
        assertThat(marked()).singleElement().satisfies(process -> {
            assertThat(process.pid()).isEqualTo((int) sleep.pid());
            assertThat(process.name()).isEqualTo("sleep");
            assertThat(process.parent()).isEqualTo((int) ProcessHandle.current().pid());
            assertThat(process.podUid()).isEmpty();
        });
        NodeProcess process = marked().getFirst();
        assertThat(processes.awaitEnd(process, AT_ONCE)).isFalse();
        assertThat(processes.signal(process, Signal.TERM)).isTrue();
        assertThat(processes.awaitEnd(process, SOON)).isTrue();
        sleep.waitFor();
        assertThat(processes.signal(process, Signal.KILL)).isFalse();
        assertThat(marked()).isEmpty();
    }

    @Test
    void whatIgnoresTermEndsByKill() throws Exception {
        firstLine(start("sh", "-c", "trap '' TERM; echo ready; while :; do read line < /dev/zero; done"));
        NodeProcess process = marked().getFirst();
        assertThat(processes.signal(process, Signal.TERM)).isTrue();
        assertThat(processes.awaitEnd(process, AT_ONCE)).isFalse();
        assertThat(processes.signal(process, Signal.KILL)).isTrue();
        assertThat(processes.awaitEnd(process, SOON)).isTrue();
    }

    @Test
    void aPidThatBelongsToAnotherProcessNowIsNotSignalled() throws Exception {
        Process sleep = start("sleep", "1000");
        NodeProcess now = marked().getFirst();
        NodeProcess before = new NodeProcess(
                now.pid(),
                now.startTicks() - 1,
                "gone",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                1);

        assertThat(processes.signal(before, Signal.KILL)).isFalse();
        assertThat(processes.awaitEnd(before, AT_ONCE)).isTrue();
        assertThat(sleep.isAlive()).isTrue();
    }

    @Test
    void aZombieHasEnded() throws Exception {
        Process parent = start("sh", "-c", "sleep 1000 & echo $!; exec sleep 1000");
        int pid = Integer.parseInt(firstLine(parent));
        NodeProcess child = ofPid(pid).orElseThrow();
        assertThat(processes.signal(child, Signal.KILL)).isTrue();

        assertThat(processes.awaitEnd(child, SOON)).isTrue();
        assertThat(Files.readString(Path.of("/proc/" + pid + "/stat"))).contains(") Z ");
        assertThat(ofPid(pid)).isEmpty();
        assertThat(processes.signal(child, Signal.KILL)).isFalse();
        assertThat(processes.awaitEnd(child, SOON)).isTrue();
    }

    @Test
    void aProcessThatMayNotBeReadIsUnreadableAndNotGone() throws Exception {
        Process stranger = start("setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", "sleep", "1000");
        await().until(() -> ofPid(stranger.pid())
                .filter(process -> process.name().equals("sleep"))
                .isPresent());
        assertThat(marked()).hasSize(1);

        AtomicReference<Processes.Scan> seen = new AtomicReference<>();
        Thread weak = Thread.ofPlatform().start(() -> {
            Native.dropCapabilities(READERS);
            seen.set(processes.scan());
        });
        weak.join();

        assertThat(seen.get().processes()).noneMatch(process -> process.pid() == stranger.pid());
        assertThat(seen.get().unreadable())
                .filteredOn(unreadable -> unreadable.pid() == stranger.pid())
                .singleElement()
                .satisfies(unreadable -> {
                    assertThat(unreadable.name()).isEqualTo("sleep");
                    assertThat(unreadable.what()).isEqualTo("/proc/" + stranger.pid() + "/environ: EACCES");
                });
    }

    @Test
    void aProcessIsKnownByThePodOfItsCgroupWhateverItsEnvironment(@TempDir Path directory) throws Exception {
        String pod = UUID.randomUUID().toString();
        Path podGroup = cgroup("pod" + pod);
        Path sandboxGroup = makeCgroup(podGroup.resolve("a".repeat(64)));
        Path containerGroup = makeCgroup(podGroup.resolve("b".repeat(64)));
        Path pause = Files.copy(Path.of("/bin/sleep"), directory.resolve("pause"));
        Process sandbox = start(pause.toString(), "1000");
        move(sandbox, sandboxGroup);
        Command.run("sleep", "0.02");
        Process sleep = start("sleep", "1000");
        move(sleep, containerGroup);

        assertThat(ofPid(sleep.pid()).orElseThrow()).satisfies(process -> {
            assertThat(process.podUid()).contains(pod);
            assertThat(process.containerId()).contains("b".repeat(64));
            assertThat(process.instanceUid()).isEmpty();
            assertThat(process.sandbox()).isFalse();
        });
        assertThat(ofPid(sandbox.pid()).orElseThrow()).satisfies(process -> {
            assertThat(process.containerId()).contains("a".repeat(64));
            assertThat(process.sandbox()).isTrue();
        });
    }

    /** In the one hierarchy of cgroup v2, or in one of v1. */
    private Path cgroup(String name) throws IOException {
        Path top = Path.of("/sys/fs/cgroup");
        Path hierarchy = Files.exists(top.resolve("cgroup.procs")) ? top : top.resolve("pids");
        if (!Files.isWritable(hierarchy)) {
            System.err.println("SKIPPED: " + hierarchy + " cannot be written, so no control group can be made");
        }
        Assumptions.assumeTrue(Files.isWritable(hierarchy), "no control group can be made");
        return makeCgroup(
                makeCgroup(hierarchy.resolve("urvpn-test-" + instance)).resolve(name));
    }

    private Path makeCgroup(Path path) throws IOException {
        cgroups.add(Files.createDirectory(path));
        return path;
    }

    private static void move(Process process, Path cgroup) throws IOException {
        Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(process.pid()));
    }
}
