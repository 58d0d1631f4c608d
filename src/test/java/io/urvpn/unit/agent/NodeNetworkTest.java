package io.urvpn.unit.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.TunnelRule;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tunnel takes nothing from its own node: the API server is at 192.0.2.10. */
class NodeNetworkTest {
    private final FakeHost host = FakeHost.of("""
            machine boot boot-1 tun nftables
            link 2 eth0
            link 3 cni0 kind bridge
            address eth0 198.51.100.7/24
            address cni0 10.244.1.1/24
            route 254 0.0.0.0/0 dev eth0 proto 3
            route 254 198.51.100.0/24 dev eth0 proto 2
            route 254 10.244.1.0/24 dev cni0 proto 2
            route 254 10.244.2.0/24 dev eth0 proto 3""");
    private final AgentOnNode node = new AgentOnNode(host);

    @BeforeEach
    void start() {
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        host.add("peer urv0 KEY= handshake 2026-11-01T12:00:00Z endpoint 203.0.113.9:51820 rx 1 tx 2 keepalive 25");
    }

    private void route(String destination) {
        node.edit(spec -> spec.routes(List.of(new TunnelRoute(destination, null))));
        node.settle();
    }

    private String ours() {
        return host.lines("route", "rule")
                .lines()
                .filter(line -> line.contains("20000"))
                .reduce("", (all, line) -> all + line + "\n");
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, 192.0.2.10, the API server",
        "203.0.113.0/24, 203.0.113.9, the tunnel's own peer",
        "10.244.0.0/16, 10.244.1.1, 'this node itself, on cni0'",
        "198.51.100.7/32, 198.51.100.7, 'this node itself, on eth0'"
    })
    void aRouteOverTheNodesOwnNetworkIsRefused(String destination, String address, String whose) {
        route(destination);

        assertThat(node.ready().getReason()).isEqualTo(Reasons.ROUTE_COVERS_NODE);
        assertThat(node.ready().getMessage()).contains(destination, address, whose);
        assertThat(ours()).isEmpty();
    }

    @Test
    void anEditToSuchARouteLeavesWhatRuns() {
        route("10.20.0.0/16");
        String before = ours();

        route("192.0.2.0/24");

        assertThat(node.ready().getReason()).isEqualTo(Reasons.ROUTE_COVERS_NODE);
        assertThat(before).contains("10.20.0.0/16");
        assertThat(ours()).isEqualTo(before);
    }

    @Test
    void aRuleBySourceDoesNotSteerTheNode() {
        node.edit(spec -> spec.rules(List.of(new TunnelRule("10.244.1.0/24", null, null))));

        route("192.0.2.0/24");

        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
    }

    @Test
    void aDefaultRouteLeavesTheNodesOwnNetworkOut() {
        route("0.0.0.0/0");

        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
        assertThat(ours()).isEqualTo("""
                route 20000 0.0.0.0/0 dev urv0 proto 200
                route 20000 10.244.1.0/24 proto 200 type 9
                route 20000 10.244.1.1/32 proto 200 type 9
                route 20000 10.244.2.0/24 proto 200 type 9
                route 20000 192.0.2.10/32 proto 200 type 9
                route 20000 198.51.100.0/24 proto 200 type 9
                route 20000 198.51.100.7/32 proto 200 type 9
                route 20000 203.0.113.9/32 proto 200 type 9
                rule 20000 lookup 20000 proto 200
                """);
    }

    @Test
    void whatADefaultRouteLeavesOutFollowsTheNode() {
        route("0.0.0.0/0");
        host.add("route 254 10.244.3.0/24 dev eth0 proto 3");

        node.settle();

        assertThat(ours()).contains("route 20000 10.244.3.0/24 proto 200 type 9");
        node.order().settle();
        assertThat(ours()).isEmpty();
    }
}
