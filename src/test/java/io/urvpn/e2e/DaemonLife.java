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
import org.junit.jupiter.api.TestInstance;

/** One tunnel on two nodes, through what may happen to it while it is wanted. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DaemonLife {
    static final Node N1 = new Node("n1");
    static final Node N2 = new Node("n2");

    private static final Duration SOON = Duration.ofSeconds(15);

    final Tunnel tunnel;
    final Instant began = Instant.now();
    private final PeerType type;

    DaemonLife(PeerType type, String name) {
        this.type = type;
        this.tunnel = type.tunnel(name);
    }

    /** What nobody may see: the secrets of a node's configuration. */
    abstract List<String> secretsOf(String configuration);

    @BeforeAll
    void up() {
        tunnel.apply().ready();
    }

    @AfterAll
    void remove() {
        CLUSTER.script("peer", "start", type.script);
        tunnel.remove();
    }

    ConnectionStatus connection(Node node) {
        return tunnel.attachment(node.name()).getStatus().connection();
    }

    /** The state, the moments and the addresses that a daemon told, with the prefix lengths that the peer gave. */
    void toldBy(Node node, String state, int length, int lengthV6) {
        assertThat(tunnel.readyOn(node.name())).isTrue();
        assertThat(connection(node)).satisfies(connection -> {
            assertThat(connection.state()).isEqualTo(state);
            assertThat(connection.connectedSince()).isBetween(began, Instant.now());
            assertThat(connection.lastHandshakeAt()).isBetween(began, Instant.now());
            assertThat(connection.addresses())
                    .containsExactlyInAnyOrder(
                            type.addressesOf(node).get(0) + "/" + length,
                            type.addressesOf(node).get(1) + "/" + lengthV6);
        });
    }

    /** Routes of n1 to what is behind the peer's own network: spec.routes alone says so. */
    void routedByTheSpecAlone() {
        assertThat(N1.routes())
                .filteredOn(route -> route.contains(type.routed.replaceAll("[0-9]+$", "0/24")))
                .singleElement()
                .satisfies(route -> assertThat(route).contains("proto 200"));
    }

    /** Waits until the node has a connection that is newer than that moment, and the tunnel carries traffic. */
    private void connectsAfter(Instant moment, Node node, Duration within) {
        await("%s is connected anew".formatted(node.name()))
                .ignoreExceptions()
                .atMost(within)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    assertThat(connection(node).connectedSince()).isAfter(moment);
                    assertThat(tunnel.readyOn(node.name())).isTrue();
                });
        carriesSoon(node);
    }

    private void carriesSoon(Node node) {
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> pings(node, type.address));
    }

    private static void pings(Node node, String address) {
        assertThat(CLUSTER.tryOn(node.name(), "", "ping", "-q", "-c", "5", "-i", "0.05", "-W", "2", address)
                        .out())
                .contains("5 received");
    }

    @Test
    void carriesTrafficOfBothFamiliesFromBothNodes() {
        // a test before may have ended while a node was still connecting anew
        for (Node node : List.of(N1, N2)) {
            carriesSoon(node);
        }
        CLUSTER.script("peer", "seen", "--forget");
        for (Node node : List.of(N1, N2)) {
            pings(node, type.address);
            pings(node, type.routed);
            pings(node, type.addressV6);
        }
        assertThat(CLUSTER.script("peer", "seen"))
                .contains(Stream.of(N1, N2)
                        .map(type::addressesOf)
                        .flatMap(addresses -> Stream.of(addresses.get(0) + " 10", addresses.get(1) + " 5"))
                        .toList());
        assertThat(CLUSTER.script("peer", "show", type.script).lines().map(line -> line.split(" ")[0]))
                .containsExactlyInAnyOrder("n1", "n2");
    }

    @Test
    void noSecretIsInLogsStatusesEventsArgumentsOrFiles() {
        List<String> secrets = Tunnel.NODES.stream()
                .flatMap(node -> secretsOf(CLUSTER.script("peer", "config", node, type.script)).stream())
                .toList();
        assertThat(secrets).hasSizeGreaterThanOrEqualTo(2).allMatch(secret -> secret.length() >= 32);
        Stream<String> logs = Tunnel.NODES.stream()
                .flatMap(node -> tunnel.pods(node).stream())
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
        CLUSTER.script("peer", "stop", type.script);
        CLUSTER.script("peer", "start", type.script);
        connectsAfter(restart, N1, SOON);
        connectsAfter(restart, N2, SOON);
        tunnel.ready();
    }

    @Test
    void isNotReadyWhileThePeerIsAwayAndReadySoonAfterItsReturnAlsoWhereTheDaemonDiedMeanwhile() {
        CLUSTER.script("peer", "stop", type.script, "KILL");
        for (Node node : List.of(N1, N2)) {
            await("%s notices that the peer is away".formatted(node.name()))
                    .atMost(Duration.ofSeconds(200))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> !tunnel.readyOn(node.name()));
            assertThat(connection(node).connectedSince()).isNull();
        }
        await("the instance says so too")
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(tunnel.condition(Reasons.READY))
                        .hasValueSatisfying(
                                ready -> assertThat(ready.getStatus()).isEqualTo("False")));
        assertThat(N1.links()).as("traffic does not leave in the clear").anyMatch(line -> line.contains(tunnel.link()));
        N2.kill(type.daemons(N2, tunnel.link()));

        Instant back = Instant.now();
        CLUSTER.script("peer", "start", type.script);
        connectsAfter(back, N1, SOON);
        connectsAfter(back, N2, SOON);
        tunnel.ready();
    }

    @Test
    void comesBackByItselfWhereverInItsLifeTheDaemonIsKilled() {
        List<String> pods = tunnel.pods("n1");
        String killed = CLUSTER.bash("n1", """
                link=$1
                daemon() { %s; }
                end() { pid=$(daemon) && kill -9 $pid && echo $1; while [ -e /proc/$pid ]; do :; done; }
                end connected
                until daemon >/dev/null; do :; done
                end begun
                until daemon >/dev/null && ss -Hunap | grep -q "pid=$(daemon),"; do :; done
                end shaking-hands
                until ip link show dev $link >/dev/null 2>&1; do :; done
                end with-its-interface
                """.formatted(type.daemonsIn("$link")), tunnel.link());
        assertThat(killed.lines()).containsExactly("connected", "begun", "shaking-hands", "with-its-interface");
        connectsAfter(Instant.now(), N1, Duration.ofSeconds(30));
        assertThat(tunnel.pods("n1")).as("the launcher lives").isEqualTo(pods);
        tunnel.ready();
    }

    @Test
    void isBackAfterItsNodeRebooted() {
        Instant reboot = Instant.now();
        CLUSTER.script("reboot", "n2");
        connectsAfter(reboot, N2, Duration.ofSeconds(90));
        assertThat(tunnel.attachment("n2").getStatus().bootId()).isEqualTo(N2.bootId());
        N2.becomes("True");
        tunnel.ready();
    }
}
