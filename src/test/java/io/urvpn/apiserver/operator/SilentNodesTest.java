package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NotReadyNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What a node said last is not what it has now: one that is silent does not count as ready. */
class SilentNodesTest {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private void isReadyOnBoth(String instance) {
        VpnInstanceStatus status = cluster.instance(instance).orElseThrow().getStatus();
        assertThat(status.nodes().ready()).isEqualTo(2);
        assertThat(status.notReady()).isNull();
    }

    private void isReadyOnTheFirstAlone(String instance, String reason) {
        VpnInstanceStatus status = cluster.instance(instance).orElseThrow().getStatus();
        assertThat(status.nodes().ready()).isEqualTo(1);
        assertThat(status.notReady())
                .singleElement()
                .extracting(NotReadyNode::node, NotReadyNode::reason)
                .containsExactly("node-2", reason);
    }

    @Test
    void aNodeWhoseKubeletIsSilentIsNotReadyUntilItsAgentWrites() {
        cluster.up("dark", null);
        cluster.kubelets().silent("node-2");
        eventually(() -> isReadyOnTheFirstAlone("dark", Reasons.NODE_SILENT));
        assertThat(cluster.condition("dark", "Ready"))
                .as("the other node serves")
                .isEqualTo("True/Up");

        cluster.agents().found("node-2", 1, List.of());
        eventually(() -> isReadyOnBoth("dark"));
    }

    @Test
    void aNodeWhoseAgentIsSilentForMinutesIsNotReadyUntilItIsHeardOfAgain() {
        AtomicReference<Duration> later = new AtomicReference<>(Duration.ZERO);
        InstantSource time = () -> Instant.now().plus(later.get());
        cluster.stopOperator();
        cluster.startOperator(time.withZone(ZoneOffset.UTC));
        cluster.up("deaf", null);
        cluster.agents().found("node-2", 1, List.of());

        later.set(Duration.ofMinutes(8));
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    // the operator's own minute begins when it looks, which it does at each event of the node
                    later.updateAndGet(passed -> passed.plusMinutes(1));
                    cluster.agents().found("node-2", 2, List.of());
                    isReadyOnTheFirstAlone("deaf", Reasons.AGENT_SILENT);
                });
        assertThat(cluster.condition("deaf", "Ready")).isEqualTo("False/AgentSilent");

        later.set(Duration.ZERO);
        cluster.agents().found("node-2", 1, List.of());
        eventually(() -> isReadyOnBoth("deaf"));
        assertThat(cluster.condition("deaf", "Ready")).isEqualTo("True/Up");
    }
}
