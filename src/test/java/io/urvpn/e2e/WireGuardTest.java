package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PeerStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A WireGuard tunnel on two nodes, through what may happen to its daemon and to its peer. */
class WireGuardTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final Node N1 = new Node("n1");
    private static final Node N2 = new Node("n2");

    private final Tunnel tunnel = Tunnel.named("guarded");

    @AfterEach
    void remove() {
        CLUSTER.script("peer", "start", "wireguard");
        tunnel.remove();
    }

    private List<String> daemon(Node node) {
        return node.pids("wireguard-go", tunnel.link());
    }

    private static void pings(Node node) {
        assertThat(CLUSTER.tryOn(node.name(), "", "ping", "-q", "-c", "5", "-i", "0.05", "-W", "2", "10.200.0.1")
                        .out())
                .contains("5 received");
    }

    private void readyAgain(Node node, Duration within) {
        await("%s is ready".formatted(node.name()))
                .ignoreExceptions()
                .atMost(within)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> tunnel.readyOn(node.name()));
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> pings(node));
    }

    /** The session of WireGuard lives for 180 s; an address that is asked tells sooner, and of the return too. */
    @Test
    void isNotReadyWhileThePeerIsAwayAndReadySoonAfterItsReturn() {
        tunnel.onlyOn("n1").apply().ready();
        CLUSTER.script("peer", "stop", "wireguard");
        await("n1 notices that the peer is away")
                .atMost(Duration.ofSeconds(200))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> !tunnel.readyOn("n1"));
        assertThat(tunnel.awaitCondition(Reasons.READY, "False", Reasons.WAITING_FOR_HANDSHAKE))
                .contains("n1");

        CLUSTER.script("peer", "start", "wireguard");
        readyAgain(N1, SOON);
        tunnel.ready();

        CLUSTER.kubectl(
                "patch",
                "vpn",
                tunnel.name,
                "--type=merge",
                "-p",
                "{\"spec\":{\"probe\":{\"address\":\"10.200.0.1\",\"intervalSeconds\":1}}}");
        CLUSTER.script("peer", "stop", "wireguard");
        tunnel.awaitCondition(Reasons.READY, "False", Reasons.PROBE_FAILED);
        CLUSTER.script("peer", "start", "wireguard");
        readyAgain(N1, SOON);
    }

    @Test
    void theStatusTellsOfThePeer() {
        Instant began = Instant.now().minusSeconds(1);
        tunnel.apply().ready();
        for (Node node : List.of(N1, N2)) {
            assertThat(tunnel.attachment(node.name()).getStatus().peers())
                    .singleElement()
                    .satisfies(peer -> {
                        assertThat(peer.endpoint()).endsWith(":51820");
                        assertThat(peer.lastHandshakeAt()).isBetween(began, Instant.now());
                    })
                    .extracting(PeerStatus::receivedBytes)
                    .isNotNull();
        }
    }

    @Test
    void comesBackByItselfWhereverInItsLifeTheDaemonIsKilled() {
        tunnel.apply().ready();
        List<String> pods = tunnel.pods("n1");
        String killed = CLUSTER.bash("n1", """
                link=$1
                daemon() { pgrep -xf "([^ ]*/)?wireguard-go .*$link"; }
                end() { pid=$(daemon) && kill -9 $pid && echo $1; while [ -e /proc/$pid ]; do :; done; }
                end up
                until daemon >/dev/null; do :; done
                end begun
                until ip link show dev $link >/dev/null 2>&1; do :; done
                end with-its-interface
                until ip route show table all | grep -q "dev $link"; do :; done
                end with-its-routes
                """, tunnel.link());
        assertThat(killed.lines()).containsExactly("up", "begun", "with-its-interface", "with-its-routes");
        readyAgain(N1, Duration.ofSeconds(30));
        assertThat(tunnel.pods("n1")).as("the launcher lives").isEqualTo(pods);
        tunnel.ready();
    }

    @Test
    void isBackAfterItsNodeRebootedAndGoesWhileItsDaemonsHang() {
        tunnel.apply().ready();
        CLUSTER.script("reboot", "n2");
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() ->
                        assertThat(tunnel.attachment("n2").getStatus().bootId()).isEqualTo(N2.bootId()));
        readyAgain(N2, Duration.ofSeconds(90));
        N2.becomes("True");

        for (Node node : List.of(N1, N2)) {
            daemon(node).forEach(pid -> CLUSTER.on(node.name(), "kill", "-STOP", pid));
        }
        Deletion.allEndVerified(List.of(Deletion.begin(tunnel)), Duration.ofSeconds(60));
    }

    @Test
    void goesWhileItIsConnecting() {
        CLUSTER.script("peer", "stop", "wireguard");
        tunnel.apply().inPlace();
        assertThat(daemon(N1)).isNotEmpty();
        Deletion.allEndVerified(List.of(Deletion.begin(tunnel)), Duration.ofSeconds(60));
    }
}
