package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.e2e.KillSwitch.Mode;
import io.urvpn.e2e.KillSwitch.Point;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Deletions of one instance on two nodes, each of them with a process that is ended somewhere on the way. */
final class KilledDeletion implements AutoCloseable {
    private static final Node N1 = new Node("n1");
    private static final Duration END = Duration.ofSeconds(120);

    private final Tunnel tunnel = Tunnel.named("killed")
            .with("masquerade: true")
            .cleanup("{verificationDelaySeconds: 0, timeoutSeconds: 30, disconnectTimeoutSeconds: 2}");
    private final KillSwitch killSwitch;

    KilledDeletion(KillSwitch killSwitch) {
        this.killSwitch = killSwitch;
    }

    /** A deletion at which nothing is killed: how many writes and changes each process made, by mode and kind. */
    Map<String, Integer> counted() {
        run(Optional.empty());
        Map<String, Integer> counts = new TreeMap<>();
        for (Mode mode : Mode.values()) {
            for (String kind : List.of("write", "change")) {
                counts.put(mode.label() + " " + kind, killSwitch.noted(mode, kind));
            }
            killSwitch.noted(mode).forEach(line -> System.out.println("campaign:   " + mode.label() + " " + line));
        }
        killSwitch.disarm();
        return counts;
    }

    /**
     * A deletion at which a process is killed at this point, and which ends as if it had not been.
     *
     * @return what was done last before the kill; empty where the deletion was over before
     */
    Optional<String> killedAt(Point point) {
        run(Optional.of(point));
        boolean fired = killSwitch.fired(point.mode());
        Optional<String> last = killSwitch.noted(point.mode()).stream()
                .filter(line -> line.startsWith(point.kind() + " " + point.number() + " "))
                .findFirst();
        killSwitch.disarm();
        if (fired) {
            killSwitch.startedAgain(point.mode());
            killSwitch.renew(point.mode());
        }
        return last.filter(line -> fired);
    }

    private void run(Optional<Point> point) {
        tunnel.apply().ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        String table = String.valueOf(tunnel.attachment("n1").getStatus().table());
        plant(table);
        try {
            List<String> foreign = foreign(link);
            assertThat(foreign).filteredOn(line -> line.contains("proto 203")).hasSize(5);
            point.ifPresentOrElse(killSwitch::arm, killSwitch::count);
            tunnel.beginDelete();
            await("the deletion ends, killed at %s"
                            .formatted(point.map(Point::toString).orElse("nothing")))
                    .atMost(END)
                    .until(() -> tunnel.find().isEmpty());

            evidenceIsComplete(uid);
            for (String node : Tunnel.NODES) {
                await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> new Node(node).hasNoTraceOf(uid, link));
            }
            assertThat(foreign(link)).as("what is somebody else's").isEqualTo(foreign);
        } finally {
            unplant(table);
        }
    }

    private void evidenceIsComplete(String uid) {
        List<VpnCleanup> operations = Tunnel.operationsOf(uid);
        assertThat(operations).as("operations of the instance").hasSize(1);
        VpnCleanup operation = operations.getFirst();
        assertThat(operation.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(operation.getStatus().report().clean()).isTrue();
        assertThat(operation.getStatus().nodes())
                .extracting(NodeCleanup::node)
                .containsExactlyInAnyOrderElementsOf(Tunnel.NODES);
        assertThat(operation.getStatus().nodes()).allSatisfy(node -> {
            assertThat(node.outcome()).isEqualTo(Outcome.VERIFIED);
            assertThat(node.verdict().clean()).isTrue();
            assertThat(node.verdict().report().clean()).isTrue();
        });
        assertThat(operation.getStatus().components())
                .hasSize(Component.values().length)
                .allSatisfy(component -> {
                    assertThat(component.status()).isEqualTo(ComponentState.COMPLETED);
                    assertThat(component.startedAt()).isNotNull();
                    assertThat(component.completedAt()).isNotNull();
                });
    }

    /** Routes and rules in the instance's own table under another number, a link and a table of similar names. */
    private static void plant(String table) {
        CLUSTER.bash("n1", """
                ip route add blackhole 198.18.0.1/32 table $1 proto 203
                ip route add blackhole 198.18.0.2/32 table $1 proto 203
                ip -6 route add blackhole 2001:db8:77::/48 table $1 proto 203
                ip rule add pref $1 to 198.19.0.1/32 table $1 proto 203
                ip -6 rule add pref $1 to 2001:db8:78::/48 table $1 proto 203
                ip tuntap add dev urvforeign mode tun
                nft add table inet urvpn-foreign
                """, table);
    }

    private static void unplant(String table) {
        CLUSTER.bash("n1", """
                ip route flush table $1 proto 203; ip -6 route flush table $1 proto 203
                ip rule del protocol 203; ip -6 rule del protocol 203
                ip tuntap del dev urvforeign mode tun; nft delete table inet urvpn-foreign
                true""", table);
    }

    private static List<String> foreign(String link) {
        return Stream.of(
                        N1.rules(),
                        N1.routes(),
                        N1.links().stream().map(line -> line.split(" ")[1]).toList(),
                        N1.packetFilter().stream()
                                .filter(line -> line.contains("foreign"))
                                .toList())
                .flatMap(List::stream)
                .filter(line -> !line.contains("proto 200"))
                .filter(line -> !line.equals(link + ":"))
                .filter(line -> !line.contains("dev " + link + " "))
                // pods of the cluster come and go
                .filter(line -> !line.startsWith("veth") && !line.contains("dev veth"))
                .toList();
    }

    @Override
    public void close() {
        killSwitch.disarm();
        tunnel.remove();
    }
}
