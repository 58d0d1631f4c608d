package io.urvpn.kernel.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with a real charon and a real peer beside the node; this kernel has no ESP, so charon encrypts by itself. */
class IpsecLauncherTest {
    private static final int TABLE = 20007;
    private static final Duration BACK_SOON = Duration.ofSeconds(15);
    private static Path launcher;

    @TempDir
    static Path shared;

    private static IpsecPeer peer;

    @TempDir
    Path directory;

    private Pod pod;
    private Process second;

    @BeforeAll
    static void prepare() throws Exception {
        launcher = Pod.compile();
        Pod.compileNetguard();
        peer = new IpsecPeer(shared);
    }

    @BeforeEach
    void startPod() throws Exception {
        Files.deleteIfExists(peer.file("charon.log"));
        configure(IpsecPeer.client("n1", "192.0.2.2", IpsecPeer.SECRET));
        pod = Pod.start(launcher, directory, "true", "IPsec");
        await().until(() -> pod.request().equals(Pod.UID + "\n"));
        Files.writeString(directory.resolve("node/table"), TABLE + "\n");
        peer.join(pod);
    }

    @AfterEach
    void end() throws Exception {
        if (second != null) {
            second.destroyForcibly().waitFor();
        }
        pod.kill();
        peer.close();
    }

    private void configure(String text) throws IOException {
        Files.writeString(directory.resolve("tunnel.conf"), text);
    }

    private JsonNode when(Duration within, Predicate<JsonNode> condition) {
        return when(directory.resolve("node"), within, condition);
    }

    private JsonNode when(Path runtime, Duration within, Predicate<JsonNode> condition) {
        return new ToldConnection(runtime, pod::log).when(within, condition);
    }

    private JsonNode connected() throws Exception {
        peer.start();
        pod.grant(Pod.UID);
        return when(Duration.ofSeconds(20), report -> report.path("up").asBoolean());
    }

    /** What the agent does with what the peer gave. */
    private void setAsTheAgentDoes(String link, String last) {
        pod.onNode("ip", "address", "add", "10.220.0." + last + "/32", "dev", link, "noprefixroute");
        pod.onNode("ip", "address", "add", "fd00:220::" + last + "/128", "dev", link, "nodad", "noprefixroute");
        pod.onNode("ip", "link", "set", link, "up");
        String table = Integer.toString(TABLE + Integer.parseInt(last));
        for (String family : List.of("-4", "-6")) {
            String network = family.equals("-4") ? "10.220.0.0/24" : "fd00:220::/64";
            String source = family.equals("-4") ? "10.220.0." + last : "fd00:220::" + last;
            pod.onNode("ip", family, "route", "add", network, "dev", link, "src", source, "table", table);
            pod.onNode("ip", family, "rule", "add", "to", network, "lookup", table, "priority", table);
            pod.onNode("ip", family, "rule", "add", "from", source, "lookup", table, "priority", "100");
        }
    }

    private void pings(String address, String link) {
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(
                                pod.onNode("ping", "-q", "-c", "3", "-i", "0.1", "-W", "1", "-I", link, address))
                        .contains("3 received"));
    }

    /** All that the kernel has of addresses, routes, rules and XFRM. */
    private String kernel() {
        return pod.onNode("ip", "rule")
                + pod.onNode("ip", "-6", "rule")
                + pod.onNode("ip", "route", "show", "table", "all")
                + pod.onNode("ip", "-6", "route", "show", "table", "all")
                + pod.onNode("ip", "-o", "address").replaceAll("(?m)^[0-9]+: ", "")
                + pod.onNode("ip", "xfrm", "state")
                + pod.onNode("ip", "xfrm", "policy");
    }

    @Test
    void makesAnInterfaceTellsWhatThePeerGivesAndSetsNothingElseOnTheNode() throws Exception {
        await().until(() -> !kernel().contains("tentative"));
        String before = kernel();

        JsonNode report = connected();

        assertThat(report.path("version").asInt()).isEqualTo(1);
        assertThat(report.path("podUid").asText()).isEqualTo(Pod.UID);
        assertThat(report.path("state").asText()).isEqualTo("ESTABLISHED");
        assertThat(report.path("endpoint").asText()).isEqualTo("192.0.2.2:4500");
        assertThat(report.path("addresses").toString()).isEqualTo("[\"10.220.0.11/32\",\"fd00:220::11/128\"]");
        assertThat(report.path("mtu").asInt()).isEqualTo(1390);
        assertThat(report.has("connectedSince")).isTrue();
        assertThat(report.has("lastHandshakeAt")).isTrue();
        assertThat(report.has("lastError")).isFalse();
        assertThat(pod.onNode("ip", "-br", "link", "show", Pod.LINK)).contains("DOWN");
        assertThat(pod.onNode("cat", "/sys/class/net/" + Pod.LINK + "/ifalias")).isEqualTo("urvpn:" + Pod.INSTANCE_UID);
        assertThat(kernel()).isEqualTo(before);
        assertThat(pod.onNode("ip", "-br", "link").lines()).hasSize(3);
        assertThat(Files.getPosixFilePermissions(directory.resolve("node/ipsec")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        await("the keys are gone")
                .untilAsserted(() -> assertThat(directory.resolve("tmp")).isEmptyDirectory());
    }

    @Test
    void carriesTrafficOfBothFamiliesAndCountsIt() throws Exception {
        connected();

        setAsTheAgentDoes(Pod.LINK, "11");

        pings("10.220.0.1", Pod.LINK);
        pings("fd00:220::1", Pod.LINK);
        when(
                Duration.ofSeconds(10),
                told -> told.path("receivedBytes").asLong() > 300
                        && told.path("sentBytes").asLong() > 300);
    }

    @Test
    void reachesThePeerOverIpv6() throws Exception {
        configure(IpsecPeer.client("n1", "fd00:99::2", IpsecPeer.SECRET));

        JsonNode report = connected();
        setAsTheAgentDoes(Pod.LINK, "11");

        assertThat(report.path("endpoint").asText()).isEqualTo("[fd00:99::2]:4500");
        pings("10.220.0.1", Pod.LINK);
    }

    @Test
    void comesBackWithAPeerThatWasEndedAndKeepsItsInterface() throws Exception {
        connected();
        setAsTheAgentDoes(Pod.LINK, "11");
        String index = pod.onNode("cat", "/sys/class/net/" + Pod.LINK + "/ifindex");

        peer.stop();
        JsonNode away =
                when(Duration.ofSeconds(20), report -> !report.path("up").asBoolean());
        assertThat(away.has("connectedSince")).isFalse();
        peer.start();
        when(BACK_SOON, report -> report.path("up").asBoolean());

        assertThat(pod.onNode("cat", "/sys/class/net/" + Pod.LINK + "/ifindex")).isEqualTo(index);
        pings("10.220.0.1", Pod.LINK);
    }

    @Test
    void comesBackWithAPeerThatLostItsMemory() throws Exception {
        JsonNode first = connected();
        setAsTheAgentDoes(Pod.LINK, "11");

        peer.kill();
        peer.start();

        when(
                BACK_SOON,
                report -> report.path("up").asBoolean()
                        && !report.path("connectedSince").equals(first.path("connectedSince")));
        pings("10.220.0.1", Pod.LINK);
    }

    @Test
    void findsAPeerThatComesLater() throws Exception {
        pod.grant(Pod.UID);
        when(Duration.ofSeconds(20), report -> report.path("lastError").asText().startsWith("giving up after"));

        peer.start();

        when(BACK_SOON, report -> report.path("up").asBoolean());
    }

    @Test
    void startsAKilledDaemonAgain() throws Exception {
        connected();
        ProcessHandle first = pod.daemon().orElseThrow();

        first.destroyForcibly();

        await().atMost(Duration.ofSeconds(5)).until(() -> !first.isAlive());
        when(BACK_SOON, report -> report.path("up").asBoolean());
        assertThat(pod.daemon().orElseThrow().pid()).isNotEqualTo(first.pid());
        setAsTheAgentDoes(Pod.LINK, "11");
        pings("10.220.0.1", Pod.LINK);
    }

    @Test
    void startsADaemonAnewWhoseInterfaceSomebodyRemoved() throws Exception {
        connected();
        ProcessHandle first = pod.daemon().orElseThrow();

        pod.onNode("ip", "link", "del", Pod.LINK);

        await().atMost(Duration.ofSeconds(10)).until(() -> !first.isAlive());
        when(BACK_SOON, report -> report.path("up").asBoolean());
        await().until(pod::hasLink);
    }

    @Test
    void tellsThePeerThatItGoes() throws Exception {
        connected();
        ProcessHandle daemon = pod.daemon().orElseThrow();

        assertThat(pod.terminate()).isZero();

        assertThat(daemon.isAlive()).isFalse();
        await().untilAsserted(() -> assertThat(peer.log()).contains("received DELETE for IKE_SA"));
    }

    @Test
    void authenticatesByCertificatesThatAreKeysOfTheSecret() throws Exception {
        Path files = Files.createDirectory(directory.resolve("files"));
        Files.copy(peer.file("x509ca/ca.crt"), files.resolve("ca.crt"));
        Files.copy(peer.file("n1.crt"), files.resolve("n1.crt"));
        Files.copy(peer.file("n1.key"), files.resolve("n1.key"));
        configure(IpsecPeer.clientWithCertificate());

        connected();

        assertThat(peer.log()).contains("authentication of 'n1' with ECDSA");
        String key = Files.readAllLines(files.resolve("n1.key")).get(1);
        assertThat(pod.log()).doesNotContain(key);
        await("the keys are gone")
                .untilAsserted(() -> assertThat(directory.resolve("tmp")).isEmptyDirectory());
    }

    @Test
    void readsASecretThatIsAKeyOfTheSecret() throws Exception {
        Path files = Files.createDirectory(directory.resolve("files"));
        Files.writeString(files.resolve("psk"), IpsecPeer.SECRET + "\n");
        configure(IpsecPeer.client("n1", "192.0.2.2", "x").replace("secret = \"x\"", "file = psk"));

        connected();
    }

    @Test
    void twoInstancesLiveOnOneNode() throws Exception {
        connected();
        Path other = Files.createDirectories(directory.resolve("other"));
        Files.writeString(other.resolve("table"), (TABLE + 1) + "\n");
        Files.writeString(other.resolve("permit"), Pod.UID + "\n");
        Files.writeString(directory.resolve("other.conf"), IpsecPeer.client("n2", "192.0.2.2", IpsecPeer.SECRET));

        second = pod.inNetwork(
                directory.resolve("second.log"),
                "env",
                "URVPN_INSTANCE_UID=bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee",
                "URVPN_POD_UID=" + Pod.UID,
                "URVPN_TYPE=IPsec",
                "URVPN_INTERFACE=urv1",
                "URVPN_DIRECTORY=" + other,
                "URVPN_CONFIG=" + directory.resolve("other.conf"),
                "URVPN_NETGUARD=" + Path.of("target/netguard.so").toAbsolutePath(),
                launcher.toString());

        when(other, Duration.ofSeconds(20), report -> report.path("up").asBoolean());
        assertThat(new ToldConnection(directory.resolve("node"), pod::log)
                        .now()
                        .path("up")
                        .asBoolean())
                .isTrue();
        setAsTheAgentDoes(Pod.LINK, "11");
        setAsTheAgentDoes("urv1", "12");
        pings("10.220.0.1", "10.220.0.11");
        pings("10.220.0.1", "10.220.0.12");
        assertThat(peer.log()).contains("IP 10.220.0.11 to peer 'n1'", "IP 10.220.0.12 to peer 'n2'");
    }

    @Test
    void tellsThatThePeerRefusesAndShowsNoSecret() throws Exception {
        configure(IpsecPeer.client("n1", "192.0.2.2", "not-the-secret-of-the-peer"));
        peer.start();

        pod.grant(Pod.UID);

        JsonNode report = when(
                Duration.ofSeconds(20), told -> told.path("lastError").asText().contains("AUTHENTICATION_FAILED"));
        assertThat(report.path("up").asBoolean()).isFalse();
        assertThat(report.toString() + pod.log()).doesNotContain("not-the-secret-of-the-peer");
        await("it calls again")
                .atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(pod.log().split("initiating IKE_SA office", -1))
                        .hasSizeGreaterThan(2));
    }

    @Test
    void neverStartsTheDaemonWithADirectiveThatIsRefused() throws Exception {
        configure(IpsecPeer.client("n1", "192.0.2.2", IpsecPeer.SECRET)
                .replace("net {", "net {\n        updown = /usr/bin/touch " + directory.resolve("ran")));
        peer.start();

        pod.grant(Pod.UID);

        JsonNode report = when(Duration.ofSeconds(10), told -> told.has("lastError"));
        assertThat(report.path("lastError").asText())
                .isEqualTo("the configuration is refused: line 18 has a setting that may not stand there");
        assertThat(pod.hasLink()).isFalse();
        assertThat(directory.resolve("ran")).doesNotExist();
        assertThat(peer.log()).doesNotContain("IKE_SA_INIT");
    }

    @Test
    void leavesAForeignInterfaceOfItsNameAlone() throws Exception {
        pod.onNode("ip", "tuntap", "add", Pod.LINK, "mode", "tun");
        String before = pod.onNode("ip", "-o", "link", "show", Pod.LINK);
        peer.start();

        pod.grant(Pod.UID);

        await().until(() -> pod.log().contains("not ours: it is left alone"));
        assertThat(pod.onNode("ip", "-o", "link", "show", Pod.LINK)).isEqualTo(before);
    }
}
