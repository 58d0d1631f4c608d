package io.urvpn.kernel.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher with a real openvpn and a real server. */
class OpenVpnLauncherTest {
    private static Path launcher;

    @TempDir
    static Path shared;

    private static OpenVpnServer server;

    @TempDir
    Path directory;

    private Pod pod;
    private Process running;

    @BeforeAll
    static void prepare() throws Exception {
        launcher = Pod.compile();
        server = new OpenVpnServer(shared);
    }

    @BeforeEach
    void startPod() throws Exception {
        configure(server.client());
        pod = Pod.start(launcher, directory, "true", "OpenVPN");
        await().until(() -> pod.request().equals(Pod.UID + "\n"));
    }

    @AfterEach
    void end() throws Exception {
        stopServer();
        pod.kill();
    }

    private void configure(String text) throws IOException {
        Files.writeString(directory.resolve("tunnel.conf"), text);
    }

    private void startServer() throws IOException {
        running = server.start(pod);
    }

    private void stopServer() throws InterruptedException {
        if (running != null) {
            running.destroyForcibly().waitFor();
        }
    }

    private ToldConnection told() {
        return new ToldConnection(directory.resolve("node"), pod::log);
    }

    private JsonNode when(int seconds, Predicate<JsonNode> condition) {
        return told().when(Duration.ofSeconds(seconds), condition);
    }

    private void connected() throws IOException {
        startServer();
        pod.grant(Pod.UID);
        when(20, report -> report.path("up").asBoolean());
    }

    @Test
    void tellsWhatThePeerGivesAndSetsNothingOfItOnTheNode() throws Exception {
        connected();

        JsonNode report = when(10, told -> told.path("receivedBytes").asLong() > 0);
        assertThat(report.path("version").asInt()).isEqualTo(1);
        assertThat(report.path("podUid").asText()).isEqualTo(Pod.UID);
        assertThat(report.path("state").asText()).isEqualTo("CONNECTED");
        assertThat(report.path("endpoint").asText()).isEqualTo("127.0.0.1:1194");
        assertThat(report.path("addresses").toString()).isEqualTo("[\"10.210.0.2/24\",\"fd00:210::1000/64\"]");
        assertThat(report.path("mtu").asInt()).isEqualTo(1400);
        assertThat(report.path("pushedRoutes").toString()).isEqualTo("[\"10.211.0.0/24\",\"fd00:211::/64\"]");
        assertThat(report.has("connectedSince")).isTrue();
        assertThat(report.has("lastHandshakeAt")).isTrue();
        assertThat(pod.onNode("ip", "-br", "link", "show", Pod.LINK)).contains("DOWN");
        assertThat(pod.onNode("ip", "-br", "addr", "show", Pod.LINK)).doesNotContain("/");
        assertThat(pod.onNode("ip", "route", "show", "dev", Pod.LINK)).isEmpty();
        assertThat(Files.getPosixFilePermissions(directory.resolve("node/connection.json")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.getPosixFilePermissions(directory.resolve("node/openvpn")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    /** One whose peer answers at once, and which tells a state only to who has asked for states before. */
    private static final String HASTY_DAEMON = """
            #!/usr/bin/env python3
            import socket, sys
            arguments = sys.argv
            management = socket.socket(socket.AF_UNIX)
            management.connect(arguments[arguments.index("--management") + 1])
            lines = management.makefile("rw")
            asked = False
            if "--management-hold" in arguments:
                lines.write(">HOLD:Waiting for hold release:0\\n")
                lines.flush()
                for line in lines:
                    asked = asked or line.startswith("state on")
                    if line.startswith("hold release"):
                        break
            if asked:
                lines.write(">STATE:1,CONNECTED,SUCCESS,10.210.0.2,127.0.0.1,1194,,\\n")
                lines.flush()
            for line in lines:
                pass
            """;

    @Test
    void aStateThatComesOnceIsNotMissed() throws Exception {
        Path daemon = Files.createDirectories(directory.resolve("bin")).resolve("openvpn");
        Files.writeString(daemon, HASTY_DAEMON);
        Files.setPosixFilePermissions(daemon, PosixFilePermissions.fromString("rwxr-xr-x"));

        pod.grant(Pod.UID);

        assertThat(when(10, report -> report.path("up").asBoolean())
                        .path("state")
                        .asText())
                .isEqualTo("CONNECTED");
    }

    /** A kill switch must let the way there through before the first answer, however little the configuration has said. */
    @ParameterizedTest
    @ValueSource(strings = {"", "verb 0", "\tsetenv opt --verb \"1\""})
    void tellsWhichPeerItTriesBeforeThatAnswers(String verbosity) throws Exception {
        configure(server.client() + verbosity + "\n");
        pod.grant(Pod.UID);

        JsonNode report = when(20, told -> told.has("endpoint"));
        assertThat(report.path("endpoint").asText()).isEqualTo("127.0.0.1:1194");
        assertThat(report.path("up").asBoolean()).isFalse();
    }

    /** The server has port 1194 of the same node. */
    @ParameterizedTest
    @ValueSource(
            strings = {"", "lport 0", "\tsetenv opt \"--lport\" 0", "bind\nlport 1195", "local 127.0.0.1\nlport 0"})
    void leavesThePortOfAnotherDaemonAloneAndTakesTheOneThatIsAskedFor(String own) throws Exception {
        configure(server.client().replace("nobind", own));

        connected();
    }

    @Test
    void reachesItsPeerOverIpv6() throws Exception {
        server.over("udp6");
        configure(server.client().replace("proto udp", "proto udp6").replace("remote 127.0.0.1", "remote ::1"));

        connected();

        assertThat(told().now().path("endpoint").asText()).isEqualTo("[::1]:1194");
    }

    @Test
    void keepsItsInterfaceWhileThePeerIsAwayAndComesBackWithIt() throws Exception {
        connected();
        String link = pod.onNode("cat", "/sys/class/net/" + Pod.LINK + "/ifindex");

        stopServer();
        JsonNode away = when(20, report -> !report.path("up").asBoolean());
        assertThat(away.has("connectedSince")).isFalse();
        assertThat(away.path("addresses").size()).isEqualTo(2);
        startServer();
        when(15, report -> report.path("up").asBoolean());

        assertThat(pod.onNode("cat", "/sys/class/net/" + Pod.LINK + "/ifindex")).isEqualTo(link);
    }

    @Test
    void startsAKilledDaemonAgain() throws Exception {
        connected();
        ProcessHandle first = pod.daemon().orElseThrow();

        first.destroyForcibly();

        await().atMost(Duration.ofSeconds(5)).until(() -> !first.isAlive());
        when(15, report -> report.path("up").asBoolean());
        assertThat(pod.daemon().orElseThrow().pid()).isNotEqualTo(first.pid());
    }

    @Test
    void startsADaemonAnewWhoseInterfaceSomebodyRemoved() throws Exception {
        connected();
        ProcessHandle first = pod.daemon().orElseThrow();

        pod.onNode("ip", "link", "del", Pod.LINK);

        await().atMost(Duration.ofSeconds(10)).until(() -> !first.isAlive());
        when(15, report -> report.path("up").asBoolean());
        await().until(pod::hasLink);
    }

    @Test
    void endsItsDaemonOnSigtermAndLeavesNoInterface() throws Exception {
        connected();
        ProcessHandle daemon = pod.daemon().orElseThrow();

        assertThat(pod.terminate()).isZero();

        assertThat(daemon.isAlive()).isFalse();
    }

    @Test
    void aProgramThatTheConfigurationNamesIsNeverRun() throws Exception {
        configure(server.client() + "script-security 2\nup \"/usr/bin/touch " + directory.resolve("ran") + "\"\n");

        startServer();
        pod.grant(Pod.UID);
        await().atMost(Duration.ofSeconds(20)).until(() -> pod.log().contains("Exiting due to fatal error"));

        assertThat(pod.log()).contains("TUN/TAP device " + Pod.LINK + " opened");
        assertThat(directory.resolve("ran")).doesNotExist();
    }

    @Test
    void tellsWhyADaemonDoesNotStartAndShowsNoKey() throws Exception {
        String key = server.read("client.key").lines().skip(1).findFirst().orElseThrow();
        configure(server.client().replace("<key>", "").replace("</key>", ""));

        pod.grant(Pod.UID);

        JsonNode report = when(10, told -> told.has("lastError"));
        assertThat(report.path("lastError").asText()).startsWith("Options error: ");
        assertThat(report.toString()).doesNotContain(key);
        assertThat(pod.log()).contains("openvpn ended at once").doesNotContain(key);
        assertThat(pod.hasLink()).isFalse();
    }

    @Test
    void theFilesThatTheConfigurationNamesAreReadFromTheInstancesDirectory() throws Exception {
        Path files = Files.createDirectory(directory.resolve("files"));
        for (String file : new String[] {"ca.crt", "client.crt", "client.key"}) {
            Files.writeString(files.resolve(file), server.read(file));
        }
        configure("client\ndev tun\nremote 127.0.0.1 1194 udp\nnobind\nca ca.crt\ncert client.crt\nkey client.key\n");

        connected();
    }
}
