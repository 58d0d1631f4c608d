package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnCleanup;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A tunnel comes up, carries traffic, and goes without a trace. */
class LifecycleTest {
    private static final Duration PODS_END = Duration.ofSeconds(10);

    private final Instant began = Instant.now();
    private Tunnel tunnel = Tunnel.named("office");

    @AfterEach
    void remove() {
        tunnel.remove();
    }

    private static CompletableFuture<String> ping(String node, String address) {
        return CompletableFuture.supplyAsync(
                () -> CLUSTER.on(node, "ping", "-q", "-c", "100", "-i", "0.02", "-W", "2", address));
    }

    @Test
    void comesUpOnBothNodesAndCarriesTraffic() {
        tunnel.apply().ready();

        CLUSTER.script("peer", "seen", "--forget");
        var one = ping("n1", "10.200.0.1");
        var two = ping("n2", "10.200.0.1");
        assertThat(one.join()).contains("100 received, 0% packet loss");
        assertThat(two.join()).contains("100 received, 0% packet loss");
        assertThat(CLUSTER.on("n1", "ping", "-q", "-c", "3", "-i", "0.05", "fd00:200::1"))
                .contains("3 received");
        assertThat(CLUSTER.on("n2", "ping", "-q", "-c", "3", "-i", "0.05", "10.201.0.1"))
                .contains("3 received");

        assertThat(CLUSTER.script("peer", "show", "wireguard")
                        .lines()
                        .filter(line -> !line.contains("handshake never")))
                .as("public keys at the peer")
                .hasSize(2);
        assertThat(CLUSTER.kubectl("get", "vpn", tunnel.name).lines().toList())
                .satisfies(lines -> assertThat(lines.get(0).split(" {2,}|\\s+"))
                        .contains("TYPE", "INTERFACE", "ATTACHED", "CLEANUP", "AGE"))
                .satisfies(lines -> assertThat(lines.get(1).split("\\s+")).contains("WireGuard", tunnel.link(), "2"));
        assertThat(tunnel.attachments()).allSatisfy(attachment -> {
            assertThat(attachment.getStatus().peers())
                    .singleElement()
                    .satisfies(peer -> assertThat(peer.lastHandshakeAt()).isNotNull());
            assertThat(attachment.getStatus().link().up()).isTrue();
        });
        noWarnings();
    }

    @Test
    void aPodUsesTheTunnelUnderItsAddressWhenMasqueraded() {
        tunnel.with("masquerade: true").apply().ready();
        CLUSTER.script("peer", "seen", "--forget");
        try (PodOnNode pod = PodOnNode.start("workload", "n2")) {
            assertThat(pod.ping("10.201.0.1")).contains("5 received");
        }
        assertThat(CLUSTER.script("peer", "seen")).contains("10.200.0.12 5");
    }

    @Test
    void attachesOnlyTheSelectedNode() {
        tunnel.onlyOn("n2").apply().ready();
        assertThat(tunnel.attachments())
                .singleElement()
                .satisfies(attachment ->
                        assertThat(attachment.getSpec().nodeName()).isEqualTo("n2"));
        new Node("n1").hasNoTraceOf(tunnel.uid(), tunnel.link());
    }

    @Test
    void goesInFiveTrackedStepsAndLeavesNothing() {
        tunnel.with("masquerade: true")
                .cleanup("{verificationDelaySeconds: 3}")
                .apply()
                .ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        assertThat(new Node("n1").tracesOf(uid, link))
                .as("the reader sees what is there")
                .hasSizeGreaterThan(8);

        var deletion = CompletableFuture.supplyAsync(tunnel::delete);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(CLUSTER.kubectl("describe", "vpninstance", tunnel.name))
                        .contains(Arrays.stream(Component.values())
                                .map(Enum::name)
                                .toList())
                        .contains("COMPLETED"));
        assertThat(deletion.join()).isLessThan(Duration.ofSeconds(3 + 10).plus(PODS_END));

        VpnCleanup operation = tunnel.operation().orElseThrow();
        assertThat(operation.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(operation.getStatus().components())
                .hasSize(5)
                .allMatch(component -> component.status() == ComponentState.COMPLETED);
        assertThat(operation.getStatus().nodes()).hasSize(2).allSatisfy(node -> {
            assertThat(node.outcome()).isEqualTo(Outcome.VERIFIED);
            assertThat(node.verdict().report().routing().details()).isEqualTo(VerificationReport.NO_ROUTING);
            assertThat(node.verdict().report().clean()).isTrue();
        });
        assertThat(operation.getStatus().report().clean()).isTrue();
        for (String node : Tunnel.NODES) {
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> new Node(node).hasNoTraceOf(uid, link));
        }
        noWarnings();
    }

    @Test
    void aDeletionWhoseSecretWentFirstIsNoDifferent() {
        tunnel.apply().ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        CLUSTER.kubectl("delete", "secret", tunnel.name, "-n", NAMESPACE);
        tunnel.delete();
        assertThat(tunnel.operation().orElseThrow().getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        for (String node : Tunnel.NODES) {
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> new Node(node).hasNoTraceOf(uid, link));
        }
        assertThat(warnings())
                .as("Warning Events but for the one that a Secret is missing, where that was seen before the deletion")
                .allSatisfy(event -> assertThat(event.getNote()).startsWith("SecretNotFound: Secret office "));
    }

    @Test
    void cannotBeAppliedAgainWhileItIsBeingDeletedAndCanWhenItIsGone() {
        tunnel.cleanup("{verificationDelaySeconds: 10}").apply().ready();
        tunnel.beginDelete();
        Cluster.Result refused = CLUSTER.apply(tunnel.with("mtu: 1300").yaml());
        assertThat(refused.exit()).isNotZero();
        assertThat(refused.out()).contains("is being deleted; apply again when it is gone");
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> CLUSTER.apply(tunnel.yaml()).exit() == 0);
        tunnel.ready();
    }

    private void noWarnings() {
        assertThat(warnings()).as("Warning Events").isEmpty();
    }

    /** Since this test began: what others did to nodes and pods has its own. */
    private List<Event> warnings() {
        return CLUSTER.client.events().v1().events().inAnyNamespace().list().getItems().stream()
                .filter(event -> "Warning".equals(event.getType()))
                .filter(event -> event.getRegarding().getName().startsWith("urvpn-")
                        || event.getRegarding().getKind().startsWith("Vpn"))
                .filter(event -> Instant.parse(event.getMetadata().getCreationTimestamp())
                        .isAfter(began))
                .toList();
    }
}
