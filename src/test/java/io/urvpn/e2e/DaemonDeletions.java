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

/** Tunnels that are deleted, whatever their daemon does at that moment. */
abstract class DaemonDeletions {
    final Tunnel tunnel;
    private final PeerType type;
    private final Tunnel other;
    private final String otherAddress;

    /**
     * @param other of another type, on the same nodes
     * @param otherAddress behind that
     */
    DaemonDeletions(PeerType type, String name, Tunnel other, String otherAddress) {
        this.type = type;
        this.tunnel = type.tunnel(name);
        this.other = other;
        this.otherAddress = otherAddress;
    }

    @AfterEach
    void remove() {
        CLUSTER.script("peer", "start", type.script);
        tunnel.remove();
        other.remove();
    }

    private List<String> daemons(String node) {
        return type.daemons(new Node(node), tunnel.link());
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

    /** The tunnel of n1 carries traffic with this Secret, and goes. */
    void livesAndGoesWith(Map<String, String> secret) {
        tunnel.secret(secret).applySecret().ready();
        assertThat(CLUSTER.on("n1", "ping", "-q", "-c", "3", "-i", "0.05", "-W", "2", type.address))
                .contains("3 received");
        Deletion.allEndVerified(List.of(Deletion.begin(tunnel)), Duration.ofSeconds(60));
    }

    /** With this configuration nothing is begun on n1, and the condition names its line and setting. */
    void isRefused(String configuration, long line, String setting) {
        tunnel.onlyOn("n1").secret(Map.of("n1.conf", configuration)).apply();
        assertThat(tunnel.awaitCondition(Reasons.READY, "False", Reasons.INVALID_CONFIGURATION))
                .contains("n1.conf", "line " + line, setting);
        assertThat(new Node("n1").links()).noneMatch(link -> link.contains(" " + tunnel.link() + ":"));
    }

    @Test
    void aDaemonThatHangsIsEndedAndNothingIsLeft() {
        tunnel.with("masquerade: true").apply().ready();
        for (String node : Tunnel.NODES) {
            assertThat(new Node(node).tracesOf(tunnel.uid(), tunnel.link()))
                    .as("the reader sees what is there")
                    .hasSizeGreaterThan(8);
            daemons(node).forEach(pid -> CLUSTER.on(node, "kill", "-STOP", pid));
        }
        Deletion.allEndVerified(List.of(Deletion.begin(tunnel)), Duration.ofSeconds(60));
    }

    @Test
    void aTunnelThatIsConnectingIsTakenDown() {
        CLUSTER.script("peer", "stop", type.script, "KILL");
        tunnel.apply();
        for (String node : Tunnel.NODES) {
            await("the daemon of %s tries to connect".formatted(node))
                    .ignoreExceptions()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> !daemons(node).isEmpty());
        }
        assertThat(tunnel.condition(Reasons.READY))
                .hasValueSatisfying(ready -> assertThat(ready.getStatus()).isEqualTo("False"));
        Deletion.allEndVerified(List.of(Deletion.begin(tunnel)), Duration.ofSeconds(60));
    }

    @Test
    void besideAnotherTypeOnTheSameNodesEitherGoesWhileTheOtherLosesNoPing() throws Exception {
        other.apply();
        tunnel.apply().ready();
        other.ready();
        Pings throughTheOther = Pings.from("n1", otherAddress);
        goesBesideOthers(tunnel);
        throughTheOther.lostNone();

        tunnel.apply().ready();
        Pings throughThis = Pings.from("n2", type.address);
        goesBesideOthers(other);
        throughThis.lostNone();
    }
}
