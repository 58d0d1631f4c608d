package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Reasons;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** IPsec tunnels that are deleted, whatever their daemon does at that moment, and such as are refused. */
class IpsecDeletionTest {
    private final Tunnel tunnel = Tunnel.ipsec("closing");
    private Tunnel other;

    @AfterEach
    void remove() {
        CLUSTER.script("peer", "start", "ipsec");
        tunnel.remove();
        if (other != null) {
            other.remove();
        }
    }

    private static List<String> daemon(String node) {
        return new Node(node).pids("charon-systemd");
    }

    private static void pings(String node) {
        assertThat(CLUSTER.on(node, "ping", "-q", "-c", "3", "-i", "0.05", "-W", "2", "10.220.0.1"))
                .contains("3 received");
    }

    /** Its traces are looked for beside those of another instance, which stays. */
    private static void goesBesideOthers(Tunnel leaving) {
        String uid = leaving.uid();
        String link = leaving.link();
        Map<String, Integer> tables = new TreeMap<>();
        Tunnel.NODES.forEach(
                node -> tables.put(node, leaving.attachment(node).getStatus().table()));
        leaving.delete();
        tables.forEach((node, table) -> await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> new Node(node).hasNoTraceBesideOthersOf(uid, link, table)));
    }

    @Test
    void aDaemonThatHangsIsEndedAndNothingIsLeft() {
        tunnel.with("masquerade: true").apply().ready();
        for (String node : Tunnel.NODES) {
            assertThat(new Node(node).tracesOf(tunnel.uid(), tunnel.link()))
                    .as("the reader sees what is there")
                    .hasSizeGreaterThan(8);
            daemon(node).forEach(pid -> CLUSTER.on(node, "kill", "-STOP", pid));
        }
        Deletion.allEndVerified(List.of(Deletion.begin(tunnel)), Duration.ofSeconds(60));
    }

    @Test
    void aTunnelThatIsConnectingIsTakenDown() {
        CLUSTER.script("peer", "stop", "ipsec", "KILL");
        tunnel.apply();
        for (String node : Tunnel.NODES) {
            await("the daemon of %s tries to connect".formatted(node))
                    .ignoreExceptions()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> !daemon(node).isEmpty());
        }
        assertThat(tunnel.condition(Reasons.READY))
                .hasValueSatisfying(ready -> assertThat(ready.getStatus()).isEqualTo("False"));
        Deletion.allEndVerified(List.of(Deletion.begin(tunnel)), Duration.ofSeconds(60));
    }

    @Test
    void thePeerIsToldAndForgetsTheNodesAtOnce() {
        tunnel.apply().ready();
        assertThat(CLUSTER.script("peer", "show", "ipsec").lines()).hasSize(2);

        tunnel.delete();

        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() ->
                        assertThat(CLUSTER.script("peer", "show", "ipsec")).isEmpty());
    }

    @Test
    void besideTheOtherTypesOnTheSameNodesEitherGoesWhileTheOtherLosesNoPing() throws Exception {
        other = Tunnel.openVpn("neighbour").apply();
        tunnel.apply().ready();
        other.ready();
        Pings throughOpenVpn = Pings.from("n1", "10.210.0.1");
        goesBesideOthers(tunnel);
        throughOpenVpn.lostNone();

        tunnel.apply().ready();
        Pings throughIpsec = Pings.from("n2", "10.220.0.1");
        goesBesideOthers(other);
        throughIpsec.lostNone();
    }

    @Test
    void aDirectiveThatRunsAProgramIsRefusedByItsLineAndASecretMayBeAKeyOfTheSecret() {
        String inline = CLUSTER.script("peer", "config", "n1", "ipsec");
        tunnel.onlyOn("n1")
                .secret(Map.of("n1.conf", inline.replace("net {\n", "net {\nupdown = /bin/sh\n")))
                .apply();
        long line =
                inline.lines().takeWhile(one -> !one.strip().equals("net {")).count() + 2;
        assertThat(tunnel.awaitCondition(Reasons.READY, "False", Reasons.INVALID_CONFIGURATION))
                .contains("n1.conf", "line " + line, "updown");
        assertThat(new Node("n1").links()).noneMatch(link -> link.contains(" " + tunnel.link() + ":"));

        String secret = inline.split("secret = \"")[1].split("\"")[0];
        tunnel.secret(Map.of("n1.conf", inline.replace("secret = \"" + secret + "\"", "file = psk"), "psk", secret))
                .applySecret()
                .ready();
        pings("n1");
        Deletion.allEndVerified(List.of(Deletion.begin(tunnel)), Duration.ofSeconds(60));
    }
}
