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

/** OpenVPN tunnels that are deleted, whatever their daemon does at that moment, and such as are refused. */
class OpenVpnDeletionTest {
    private final Tunnel tunnel = Tunnel.openVpn("leaving");
    private Tunnel other;

    @AfterEach
    void remove() {
        CLUSTER.script("peer", "start", "openvpn");
        tunnel.remove();
        if (other != null) {
            other.remove();
        }
    }

    private List<String> daemon(String node) {
        return new Node(node).pids("openvpn", "--dev " + tunnel.link());
    }

    private void pings(String node) {
        assertThat(CLUSTER.on(node, "ping", "-q", "-c", "3", "-i", "0.05", "-W", "2", "10.210.0.1"))
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
        CLUSTER.script("peer", "stop", "openvpn", "KILL");
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
    void besideWireGuardOnTheSameNodesEitherGoesWhileTheOtherLosesNoPing() throws Exception {
        other = Tunnel.named("staying").apply();
        tunnel.apply().ready();
        other.ready();
        Pings throughWireGuard = Pings.from("n1");
        goesBesideOthers(tunnel);
        throughWireGuard.lostNone();

        tunnel.apply().ready();
        Pings throughOpenVpn = Pings.from("n2", "10.210.0.1");
        goesBesideOthers(other);
        throughOpenVpn.lostNone();
    }

    @Test
    void aDirectiveThatRunsAProgramIsRefusedByItsLineAndFilesMayBeKeysOfTheSecret() {
        String inline = CLUSTER.script("peer", "config", "n1", "openvpn");
        tunnel.onlyOn("n1")
                .secret(Map.of("n1.conf", inline.replace("nobind\n", "nobind\nup /bin/sh\n")))
                .apply();
        long line = inline.lines().takeWhile(one -> !one.equals("nobind")).count() + 2;
        assertThat(tunnel.awaitCondition(Reasons.READY, "False", Reasons.INVALID_CONFIGURATION))
                .contains("n1.conf", "line " + line, "up");
        assertThat(new Node("n1").links()).noneMatch(link -> link.contains(" " + tunnel.link() + ":"));

        String begin = "<ca>\n";
        String end = "</ca>\n";
        String authority = inline.substring(inline.indexOf(begin) + begin.length(), inline.indexOf(end));
        tunnel.secret(Map.of("n1.conf", inline.replace(begin + authority + end, "ca ca.crt\n"), "ca.crt", authority))
                .applySecret()
                .ready();
        pings("n1");
        Deletion.allEndVerified(List.of(Deletion.begin(tunnel)), Duration.ofSeconds(60));
    }
}
