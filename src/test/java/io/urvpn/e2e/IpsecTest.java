package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.ConnectionStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One IPsec tunnel on two nodes, through what may happen to it while it is wanted. */
class IpsecTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final Node N1 = new Node("n1");
    private static final Node N2 = new Node("n2");
    private static final Tunnel TUNNEL = Tunnel.ipsec("branch");
    private static final Instant BEGAN = Instant.now();

    @BeforeAll
    static void up() {
        TUNNEL.apply().ready();
    }

    @AfterAll
    static void remove() {
        CLUSTER.script("peer", "start", "ipsec");
        TUNNEL.remove();
    }

    private static ConnectionStatus connection(Node node) {
        return TUNNEL.attachment(node.name()).getStatus().connection();
    }

    private static List<String> daemon(Node node) {
        return node.pids("charon-systemd");
    }

    /** Waits until the node has a connection that is newer than that moment, and the tunnel carries traffic. */
    private static void connectsAfter(Instant moment, Node node, Duration within) {
        await("%s is connected anew".formatted(node.name()))
                .ignoreExceptions()
                .atMost(within)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    assertThat(connection(node).connectedSince()).isAfter(moment);
                    assertThat(TUNNEL.readyOn(node.name())).isTrue();
                });
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> pings(node, "10.220.0.1"));
    }

    private static void pings(Node node, String address) {
        assertThat(CLUSTER.tryOn(node.name(), "", "ping", "-q", "-c", "5", "-i", "0.05", "-W", "2", address)
                        .out())
                .contains("5 received");
    }

    @Test
    void carriesTrafficOfBothFamiliesFromBothNodes() {
        CLUSTER.script("peer", "seen", "--forget");
        for (Node node : List.of(N1, N2)) {
            pings(node, "10.220.0.1");
            pings(node, "10.221.0.1");
            pings(node, "fd00:220::1");
        }
        assertThat(CLUSTER.script("peer", "seen"))
                .contains("10.220.0.11 10", "10.220.0.12 10", "fd00:220::11 5", "fd00:220::12 5");
        assertThat(CLUSTER.script("peer", "show", "ipsec").lines().map(line -> line.split(" ")[0]))
                .containsExactlyInAnyOrder("n1", "n2");
    }

    @Test
    void theStatusTellsWhatThePeerGave() {
        for (Node node : List.of(N1, N2)) {
            String last = "1" + node.name().substring(1);
            assertThat(TUNNEL.readyOn(node.name())).isTrue();
            assertThat(connection(node)).satisfies(connection -> {
                assertThat(connection.state()).isEqualTo("ESTABLISHED");
                assertThat(connection.connectedSince()).isBetween(BEGAN, Instant.now());
                assertThat(connection.lastHandshakeAt()).isBetween(BEGAN, Instant.now());
                assertThat(connection.endpoint()).endsWith(".200:4500");
                assertThat(connection.addresses())
                        .containsExactlyInAnyOrder("10.220.0." + last + "/32", "fd00:220::" + last + "/128");
            });
        }
        assertThat(N1.rules()).as("strongSwan's own table").noneMatch(rule -> rule.contains("lookup 220"));
        assertThat(N1.routes())
                .as("what is routed is what spec.routes says")
                .filteredOn(route -> route.contains("10.221.0.0/24"))
                .singleElement()
                .satisfies(route -> assertThat(route).contains("proto 200"));
    }

    @Test
    void noSecretIsInLogsStatusesEventsArgumentsOrFiles() {
        List<String> secrets = Tunnel.NODES.stream()
                .flatMap(node -> CLUSTER.script("peer", "config", node, "ipsec").lines())
                .filter(line -> line.contains("secret = "))
                .map(line -> line.split("\"")[1])
                .toList();
        assertThat(secrets).hasSize(2).allMatch(secret -> secret.length() == 64);
        Stream<String> logs = Tunnel.NODES.stream()
                .flatMap(node -> TUNNEL.pods(node).stream())
                .map(pod -> CLUSTER.kubectl("logs", "-n", NAMESPACE, pod, "--all-containers", "--tail=-1"));
        Stream<String> nodes = Tunnel.NODES.stream()
                .map(node -> CLUSTER.bash(
                        node, "ps -eo args=; cat /proc/[0-9]*/environ; grep -arh . /run/ur-vpn /var/lib/ur-vpn; true"));
        Stream<String> objects = Stream.of(
                CLUSTER.kubectl("get", "vpn,vpnatt,vpnclean,vpnnodes,daemonsets,pods,events", "-A", "-o", "json"),
                CLUSTER.kubectl(
                        "logs",
                        "-n",
                        NAMESPACE,
                        "-l",
                        "app.kubernetes.io/component in (operator, agent)",
                        "--tail=-1"));
        assertThat(Stream.of(logs, nodes, objects).flatMap(texts -> texts))
                .allSatisfy(text -> assertThat(text).isNotBlank().doesNotContain(secrets));
    }

    @Test
    void isConnectedAnewSoonAfterThePeerRestarted() {
        Instant restart = Instant.now();
        CLUSTER.script("peer", "stop", "ipsec");
        CLUSTER.script("peer", "start", "ipsec");
        connectsAfter(restart, N1, SOON);
        connectsAfter(restart, N2, SOON);
        TUNNEL.ready();
    }

    @Test
    void isNotReadyWhileThePeerIsAwayAndReadySoonAfterItsReturnAlsoWhereTheDaemonDiedMeanwhile() {
        CLUSTER.script("peer", "stop", "ipsec", "KILL");
        for (Node node : List.of(N1, N2)) {
            await("%s notices that the peer is away".formatted(node.name()))
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> !TUNNEL.readyOn(node.name()));
            assertThat(connection(node).connectedSince()).isNull();
        }
        assertThat(TUNNEL.condition(Reasons.READY))
                .hasValueSatisfying(ready -> assertThat(ready.getStatus()).isEqualTo("False"));
        assertThat(N1.links()).as("traffic does not leave in the clear").anyMatch(line -> line.contains(TUNNEL.link()));
        N2.kill(daemon(N2));

        Instant back = Instant.now();
        CLUSTER.script("peer", "start", "ipsec");
        connectsAfter(back, N1, SOON);
        connectsAfter(back, N2, SOON);
        TUNNEL.ready();
    }

    @Test
    void comesBackByItselfWhereverInItsLifeTheDaemonIsKilled() {
        List<String> pods = TUNNEL.pods("n1");
        String killed = CLUSTER.bash("n1", """
                link=$1
                daemon() { pgrep -x charon-systemd; }
                end() { pid=$(daemon) && kill -9 $pid && echo $1; while [ -e /proc/$pid ]; do :; done; }
                end connected
                until daemon >/dev/null; do :; done
                end begun
                until daemon >/dev/null; do :; done
                sleep 0.03
                end shaking-hands
                until ip link show dev $link >/dev/null 2>&1; do :; done
                end with-its-interface
                """, TUNNEL.link());
        assertThat(killed.lines()).containsExactly("connected", "begun", "shaking-hands", "with-its-interface");
        connectsAfter(Instant.now(), N1, Duration.ofSeconds(30));
        assertThat(TUNNEL.pods("n1")).as("the launcher lives").isEqualTo(pods);
        TUNNEL.ready();
    }

    @Test
    void isBackAfterItsNodeRebooted() {
        Instant reboot = Instant.now();
        CLUSTER.script("reboot", "n2");
        connectsAfter(reboot, N2, Duration.ofSeconds(90));
        assertThat(TUNNEL.attachment("n2").getStatus().bootId()).isEqualTo(N2.bootId());
        N2.becomes("True");
        TUNNEL.ready();
    }
}
