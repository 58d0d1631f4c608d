package io.urvpn.kernel.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher keeps its protocol with the agent, with real processes and real interfaces. */
class LauncherTest {
    private static final String PRIVATE_KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
    private static final String PUBLIC_KEY = "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=";
    private static final Duration A_WHILE = Duration.ofMillis(700);
    /** A kernel without WireGuard, whatever that of this machine has. */
    private static final String OTHER_IP = """
            #!/bin/sh
            case "$*" in
              *"type wireguard") echo "RTNETLINK answers: Operation not supported" >&2; exit 2 ;;
              *) exec /usr/sbin/ip "$@" ;;
            esac
            """;
    /** A kernel with WireGuard is played by one with bridges, which every kernel has. */
    private static final String KERNEL_IP = """
            #!/bin/sh
            case "$*" in
              *"type wireguard") exec /usr/sbin/ip link add "$3" type bridge ;;
              *) exec /usr/sbin/ip "$@" ;;
            esac
            """;

    private static Path launcher;

    @TempDir
    Path directory;

    private Pod pod;

    @BeforeAll
    static void compile() throws Exception {
        launcher = Pod.compile();
    }

    @BeforeEach
    void writeConfiguration() throws IOException {
        configure("[Interface]\nPrivateKey = " + PRIVATE_KEY + "\nAddress = 10.9.0.2/24\n mtu=1400\n");
        command("ip", OTHER_IP);
    }

    @AfterEach
    void end() throws Exception {
        if (pod != null) {
            pod.kill();
        }
    }

    @Test
    void doesNothingOnTheNodeBeforeThePermitNamesItsPod() throws Exception {
        startPod();
        await().until(() -> pod.request().equals(Pod.UID + "\n"));
        stays(() -> !pod.hasLink() && pod.daemon().isEmpty());

        pod.grant("99999999-0000-0000-0000-000000000000");

        stays(() -> !pod.hasLink() && pod.daemon().isEmpty());
    }

    @Test
    void makesAConfiguredInterfaceAndLeavesAddressesAndStateToTheAgent() throws Exception {
        startPermitted();

        assertThat(pod.onNode("wg", "show", Pod.LINK, "public-key")).isEqualTo(PUBLIC_KEY);
        assertThat(pod.onNode("ip", "-br", "link", "show", Pod.LINK)).contains("DOWN");
        assertThat(pod.onNode("ip", "-br", "addr", "show", Pod.LINK)).doesNotContain("/");
        assertThat(pod.onNode("ip", "route")).isEmpty();
        assertThat(Files.getPosixFilePermissions(directory.resolve("node/wireguard")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void startsAKilledDaemonAgainWithItsConfiguration() throws Exception {
        startPermitted();
        ProcessHandle first = pod.daemon().orElseThrow();

        first.destroyForcibly();

        await().atMost(Duration.ofSeconds(5))
                .until(() -> !first.isAlive()
                        && pod.onNode("wg", "show", Pod.LINK, "public-key").equals(PUBLIC_KEY));
    }

    @Test
    void waitsOnWhenThePermitIsWithdrawnAndStartsWithTheNextOne() throws Exception {
        startPermitted();
        pod.withdraw();
        stays(pod::hasLink);

        pod.daemon().orElseThrow().destroyForcibly();

        await().until(() -> !pod.hasLink());
        await().during(Duration.ofMillis(1500))
                .atMost(Duration.ofSeconds(3))
                .until(() -> !pod.hasLink() && pod.isRunning());
        pod.grant(Pod.UID);
        await().until(pod::hasLink);
    }

    @Test
    void endsItsDaemonOnSigterm() throws Exception {
        startPermitted();
        ProcessHandle daemon = pod.daemon().orElseThrow();

        assertThat(pod.terminate()).isZero();

        assertThat(daemon.isAlive()).isFalse();
    }

    @Test
    void endsOnSigtermWhileItWaits() throws Exception {
        startPod();
        await().until(() -> !pod.request().isEmpty());

        assertThat(pod.terminate()).isZero();
    }

    @Test
    void killsADaemonThatIgnoresSigterm() throws Exception {
        command("wireguard-go", """
                #!/bin/sh
                trap '' TERM
                touch /run/ur-vpn/wireguard/"$2".sock
                while :; do sleep 1; done
                """);
        command("wg", "#!/bin/sh\ntouch /run/ur-vpn/configured\n");
        startPod();
        pod.grant(Pod.UID);
        await().until(() -> Files.exists(directory.resolve("node/configured")));
        long before = System.nanoTime();

        assertThat(pod.terminate()).isZero();

        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .isBetween(Duration.ofMillis(4900), Duration.ofSeconds(8));
    }

    @Test
    void doublesThePauseBeforeEachStartOfADaemonThatFails() throws Exception {
        command("wireguard-go", "#!/bin/sh\ndate +%s%3N >>/run/ur-vpn/starts\nexit 1\n");
        startPod();
        pod.grant(Pod.UID);
        await().atMost(Duration.ofSeconds(15)).until(() -> starts().size() >= 4);

        List<Long> starts = starts();
        List<Long> pauses = IntStream.range(1, 4)
                .mapToObj(i -> starts.get(i) - starts.get(i - 1))
                .toList();
        assertThat(pauses.get(0)).isBetween(500L, 900L);
        assertThat(pauses.get(1)).isBetween(1000L, 1500L);
        assertThat(pauses.get(2)).isBetween(2000L, 2600L);
    }

    @Test
    void leavesAForeignInterfaceOfItsNameAlone() throws Exception {
        pod = Pod.start(launcher, directory, "ip link add " + Pod.LINK + " type bridge");
        await().until(() -> !pod.request().isEmpty());
        String before = pod.onNode("ip", "-o", "link", "show", Pod.LINK);
        pod.grant(Pod.UID);

        await().until(() -> pod.log().contains("not ours: it is left alone"));

        assertThat(pod.onNode("ip", "-o", "link", "show", Pod.LINK)).isEqualTo(before);
        assertThat(pod.daemon()).isEmpty();
    }

    @Test
    void neverPrintsAKeyThatWgRefuses() throws Exception {
        configure("[Interface]\nPrivateKey = " + PRIVATE_KEY + "tooLong\n");
        startPod();
        pod.grant(Pod.UID);

        await().until(() -> pod.log().contains("the configuration was not accepted"));

        await().until(() -> !pod.hasLink());
        assertThat(pod.log()).doesNotContain(PRIVATE_KEY);
        assertThat(Files.readString(directory.resolve("node/connection.json")))
                .contains("the configuration was not accepted")
                .doesNotContain(PRIVATE_KEY);
    }

    @Test
    void startsWhenAMissingConfigurationHasArrived() throws Exception {
        Files.delete(directory.resolve("tunnel.conf"));
        startPod();
        pod.grant(Pod.UID);
        await().until(() -> pod.log().contains("the configuration is not there"));
        assertThat(pod.hasLink()).isFalse();

        writeConfiguration();

        await().until(pod::hasLink);
    }

    @Test
    void marksAnInterfaceOfTheKernelAndRemovesItOnSigterm() throws Exception {
        startWithKernelWireGuard();
        assertThat(pod.onNode("cat", "/sys/class/net/" + Pod.LINK + "/ifalias")).isEqualTo("urvpn:" + Pod.INSTANCE_UID);
        assertThat(pod.daemon()).isEmpty();

        pod.onNode("ip", "link", "del", Pod.LINK);
        await().atMost(Duration.ofSeconds(5)).until(pod::hasLink);

        assertThat(pod.terminate()).isZero();
        assertThat(deletions()).containsExactly("link del " + Pod.LINK);
    }

    @Test
    void leavesAKernelInterfaceThatNoLongerCarriesItsMark() throws Exception {
        startWithKernelWireGuard();
        pod.onNode("ip", "link", "set", Pod.LINK, "alias", "somebody else's");

        assertThat(pod.terminate()).isZero();

        assertThat(deletions()).isEmpty();
    }

    @Test
    void takesUpTheKernelInterfaceThatAnEarlierContainerHasLeft() throws Exception {
        kernelCommands();
        pod = Pod.start(
                launcher,
                directory,
                "/usr/sbin/ip link add %1$s type bridge && /usr/sbin/ip link set %1$s alias urvpn:%2$s"
                        .formatted(Pod.LINK, Pod.INSTANCE_UID));
        pod.grant(Pod.UID);

        await().until(() -> pod.log().contains("the tunnel is up"));

        assertThat(pod.terminate()).isZero();
        assertThat(deletions()).containsExactly("link del " + Pod.LINK);
    }

    @Test
    void refusesAPodThatIsNotSetUp() throws Exception {
        Process process = new ProcessBuilder(launcher.toString())
                .redirectErrorStream(true)
                .start();

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(new String(process.getInputStream().readAllBytes())).contains("is not set");
    }

    private void startPod() throws IOException {
        pod = Pod.start(launcher, directory, "true");
    }

    private void startPermitted() throws IOException {
        startPod();
        pod.grant(Pod.UID);
        await().until(() -> pod.log().contains("the tunnel is up"));
    }

    private void startWithKernelWireGuard() throws IOException {
        kernelCommands();
        startPod();
        pod.grant(Pod.UID);
        await().until(() -> pod.log().contains("the tunnel is up"));
    }

    private void kernelCommands() throws IOException {
        command("ip", KERNEL_IP.replace("case", "[ \"$2\" != del ] || echo \"$*\" >>/run/ur-vpn/deletions\ncase"));
        command("wg", "#!/bin/sh\nexit 0\n");
    }

    private List<String> deletions() throws IOException {
        return lines("node/deletions");
    }

    private List<Long> starts() throws IOException {
        return lines("node/starts").stream().map(Long::valueOf).toList();
    }

    private List<String> lines(String file) throws IOException {
        Path path = directory.resolve(file);
        return Files.exists(path) ? Files.readAllLines(path) : List.of();
    }

    private void configure(String content) throws IOException {
        Files.writeString(directory.resolve("tunnel.conf"), content);
    }

    private void command(String name, String script) throws IOException {
        Path file = Files.createDirectories(directory.resolve("bin")).resolve(name);
        Files.writeString(file, script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void stays(Callable<Boolean> condition) {
        await().during(A_WHILE).atMost(A_WHILE.multipliedBy(4)).until(condition);
    }
}
