package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Reasons;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is wrong is said, with what to do; nothing crash-loops and nothing leaves half a tunnel. */
class BadInputTest {
    private final Tunnel tunnel = Tunnel.named("bad");
    private Tunnel other;

    @AfterEach
    void remove() {
        CLUSTER.tryOn("n1", "", "ip", "link", "del", "urvtaken0");
        tunnel.remove();
        if (other != null) {
            other.remove();
        }
    }

    private void leavesNothingOnN1() {
        assertThat(new Node("n1").rules()).noneMatch(line -> line.contains("proto 200"));
        assertThat(new Node("n1").routes()).noneMatch(line -> line.contains("proto 200"));
    }

    private String notReady(String reason) {
        return tunnel.awaitCondition(Reasons.READY, "False", reason);
    }

    @Test
    void aMissingSecretIsNamed() {
        assertThat(CLUSTER.apply(tunnel.yaml()).exit()).isZero();
        assertThat(notReady(Reasons.SECRET_NOT_FOUND)).contains("bad", Cluster.NAMESPACE);
        tunnel.applySecret().ready();
    }

    @Test
    void aSecretWithoutTheKeyNamesTheKeys() {
        tunnel.secret(Map.of("other.txt", "x")).apply();
        assertThat(notReady(Reasons.SECRET_KEY_MISSING)).contains("n1.conf", "wg.conf");
        leavesNothingOnN1();
    }

    @Test
    void aMalformedConfigurationNamesTheLineAndNeverTheKey() {
        String good = CLUSTER.script("peer", "config", "n1");
        String key = good.lines()
                .filter(line -> line.startsWith("PrivateKey"))
                .findFirst()
                .orElseThrow()
                .split(" = ")[1];
        tunnel.onlyOn("n1")
                .secret(Map.of("n1.conf", good.replace(key, key.substring(3))))
                .apply();
        assertThat(notReady(Reasons.INVALID_CONFIGURATION))
                .contains("n1.conf", "line 2")
                .doesNotContain(key.substring(3));
        leavesNothingOnN1();
        tunnel.secret(Map.of("n1.conf", good)).applySecret().ready();
    }

    @Test
    void oneKeyForTwoNodesIsASharedIdentity() {
        tunnel.secret(Map.of("wg.conf", CLUSTER.script("peer", "config", "n1"))).apply();
        assertThat(notReady(Reasons.SHARED_IDENTITY)).contains("n1", "n2");
        assertThat(tunnel.attachments()).isEmpty();
    }

    @Test
    void anInterfaceOfSomebodyElseIsLeftAlone() {
        CLUSTER.on("n1", "ip", "tuntap", "add", "dev", "urvtaken0", "mode", "tun");
        tunnel.onlyOn("n1").with("interfaceName: urvtaken0").apply();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(tunnel.notReady())
                        .singleElement()
                        .satisfies(node -> assertThat(node.reason()).isEqualTo(Reasons.INTERFACE_NAME_TAKEN)));
        leavesNothingOnN1();
        CLUSTER.on("n1", "ip", "link", "del", "urvtaken0");
        tunnel.ready();
    }

    @Test
    void twoInstancesWithOneInterfaceNameOnOneNode() {
        other = Tunnel.named("first")
                .onlyOn("n1")
                .with("interfaceName: urvboth")
                .apply()
                .ready();
        tunnel.onlyOn("n1")
                .secret(Map.of("n1.conf", CLUSTER.script("peer", "config", "n2")))
                .with("interfaceName: urvboth")
                .apply();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(tunnel.notReady())
                        .singleElement()
                        .satisfies(node -> {
                            assertThat(node.reason()).isEqualTo(Reasons.NAME_HELD);
                            assertThat(node.message()).contains("urvboth", "first");
                        }));
        other.ready();
        tunnel.delete();
        other.ready();
    }

    private void staysWithout(String routes, String reason) {
        tunnel.onlyOn("n1").routes(routes).apply();
        await().atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(tunnel.notReady())
                        .singleElement()
                        .satisfies(node -> assertThat(node.reason()).isEqualTo(reason)));
        leavesNothingOnN1();
    }

    @Test
    void aRouteOverTheAddressAtWhichTheNodeHasTheApiServerIsNotSet() {
        staysWithout("[{destination: 10.200.0.0/24}, {destination: 10.96.0.0/16}]", Reasons.ROUTE_COVERS_NODE);
    }

    /** The agent knows the API server by its Service, and kube-proxy takes it there. */
    @Test
    void aRouteThatCutsTheNodeOffAllTheSameIsTakenBack() {
        staysWithout(
                "[{destination: 10.200.0.0/24}, {destination: %s/32}]"
                        .formatted(CLUSTER.client.getMasterUrl().getHost()),
                Reasons.APPLY_CUT_NODE);
    }

    @Test
    void aConfigurationOfAnotherTypeIsRefused() {
        Cluster.Result applied = CLUSTER.apply(tunnel.yaml().replace("type: WireGuard", "type: IPsec"));
        assertThat(applied.exit()).as(applied.out()).isZero();
        tunnel.applySecret();
        assertThat(notReady(Reasons.INVALID_CONFIGURATION)).contains("n1.conf", "line 1");
        leavesNothingOnN1();
    }

    @Test
    void whatAdmissionCanJudgeIsRefusedNamingTheField() {
        assertThat(CLUSTER.apply(tunnel.yaml().replace("10.200.0.0/24", "10.200.0.0/33"))
                        .out())
                .contains("spec.routes[0].destination", "CIDR");
        assertThat(CLUSTER.apply(Tunnel.named("bad")
                                .with("interfaceName: far-too-long-name")
                                .yaml())
                        .out())
                .contains("spec.interfaceName");
        assertThat(CLUSTER.apply(Tunnel.named("bad").with("interfaceName: a/b").yaml())
                        .out())
                .contains("spec.interfaceName");
        assertThat(CLUSTER.apply(tunnel.yaml().replace("WireGuard", "Tinc")).out())
                .contains("spec.type", "WireGuard");
    }
}
