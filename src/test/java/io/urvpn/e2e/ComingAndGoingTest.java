package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes that are drained, die, vanish and come back. */
class ComingAndGoingTest {
    private static final String SOON_LOST = "{verificationDelaySeconds: 1, nodeLostAfter: 5s, timeoutSeconds: 5}";

    private final Tunnel tunnel = Tunnel.named("moves");
    private final Node first = new Node("n1");
    private final Node second = new Node("n2");
    private boolean kubeletStopped;

    @BeforeEach
    void spread() {
        Operators.spread();
    }

    @AfterEach
    void remove() {
        CLUSTER.kubectl("uncordon", "n1");
        if (kubeletStopped) {
            startKubelet();
        }
        second.bringBack();
        tunnel.remove();
    }

    /** Once: a second kubelet beside the first would keep the node Ready when one is stopped. */
    private void startKubelet() {
        CLUSTER.script("start-kubelet", "n2");
        kubeletStopped = false;
        second.becomes("True");
    }

    private VpnCleanup operation() {
        return tunnel.operation().orElseThrow();
    }

    private NodeCleanup on(String node) {
        return tunnel.cleanupOn(node);
    }

    private void gone(Duration within) {
        await().ignoreExceptions()
                .atMost(within)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> tunnel.find().isEmpty());
    }

    @Test
    void whatEndsNoTunnelLosesNoPacket() throws Exception {
        tunnel.apply().ready();
        CompletableFuture<Cluster.Result> pings = CompletableFuture.supplyAsync(
                () -> CLUSTER.tryOn("n1", "", "ping", "-i", "0.1", "-c", "200", "10.200.0.1"));

        CLUSTER.kubectl("cordon", "n1");
        CLUSTER.kubectl("drain", "n1", "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=60s");
        CLUSTER.kubectl("taint", "node", "n1", "ToBeDeletedByClusterAutoscaler=1:NoSchedule");
        CLUSTER.kubectl("delete", "vpnatt", "--all", "--wait=false");
        tunnel.routes("[{destination: 10.200.0.0/24}, {destination: 10.202.0.0/24}]")
                .apply();
        CLUSTER.kubectl("taint", "node", "n1", "ToBeDeletedByClusterAutoscaler=1:NoSchedule-");
        CLUSTER.kubectl("uncordon", "n1");

        Cluster.Result result = pings.get();
        assertThat(result.out()).contains("200 packets transmitted, 200 received");
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(first.routes())
                        .anyMatch(route -> route.contains("10.202.0.0/24"))
                        .noneMatch(route -> route.contains("10.201.0.1")));
        assertThat(tunnel.operation()).isEmpty();
        tunnel.ready();
    }

    @Test
    void aNodeWhoseKubeletIsDeadIsCleanedByItsAgent() {
        tunnel.cleanup("{verificationDelaySeconds: 1, retryBackoffSeconds: 2, timeoutSeconds: 10}")
                .apply()
                .ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        CLUSTER.script("stop-kubelet", "n2");
        kubeletStopped = true;
        second.becomes("Unknown");
        tunnel.beginDelete();
        gone(Duration.ofSeconds(60));
        assertThat(on("n2").outcome()).isEqualTo(Outcome.VERIFIED);
        second.hasNoTraceOf(uid, link);

        startKubelet();
        await().ignoreExceptions()
                .during(Duration.ofSeconds(5))
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> {
                    assertThat(second.links()).noneMatch(line -> line.contains(" " + link));
                    assertThat(second.rules()).noneMatch(line -> line.contains("proto 200"));
                });
    }

    @Test
    void aNodeThatVanishedIsShownAsNotReadAndItsMachineIsVerifiedWhenItIsBack() {
        tunnel.cleanup(SOON_LOST).apply().ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        CLUSTER.script("crash", "n2");
        CLUSTER.kubectl("delete", "node", "n2");
        tunnel.beginDelete();
        gone(Duration.ofSeconds(90));

        assertThat(operation().getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(on("n2").outcome()).isEqualTo(Outcome.NODE_GONE);
        assertThat(on("n1").outcome()).isEqualTo(Outcome.VERIFIED);
        assertThat(operation().getStatus().report().vpn().details()).contains(VerificationReport.NOT_READ);
        assertThat(operation().getStatus().counts().notRead()).isEqualTo(1);

        CLUSTER.script("reboot", "n2");
        second.becomes("True");
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(150))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(on("n2").outcome()).isEqualTo(Outcome.VERIFIED));
        assertThat(on("n2").earlierOutcome()).isEqualTo(Outcome.NODE_GONE);
        await().ignoreExceptions().atMost(Duration.ofSeconds(30)).untilAsserted(() -> second.hasNoTraceOf(uid, link));
    }

    @Test
    void aPowerCutInTheMiddleOfADeletionIsLookedAtAgain() {
        tunnel.cleanup("{verificationDelaySeconds: 3, retryBackoffSeconds: 2}")
                .apply()
                .ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        tunnel.beginDelete();
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(10))
                .until(() -> tunnel.operation().isPresent());
        CLUSTER.script("reboot", "n2");
        gone(Duration.ofSeconds(150));
        assertThat(on("n2").outcome()).isEqualTo(Outcome.VERIFIED);
        for (String node : List.of("n1", "n2")) {
            await().ignoreExceptions()
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> new Node(node).hasNoTraceOf(uid, link));
        }
    }
}
