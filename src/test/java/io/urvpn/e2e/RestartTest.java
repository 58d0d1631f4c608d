package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.OperationPhase;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operator and agent may die in the middle of a deletion: the same end, under the same operation. */
class RestartTest {
    private final Tunnel tunnel = Tunnel.named("restart");

    @AfterEach
    void remove() {
        tunnel.remove();
    }

    @ParameterizedTest
    @ValueSource(strings = {"operator", "agent"})
    void endsTheSameUnderTheSameOperationAfterAKill(String mode) {
        tunnel.cleanup("{verificationDelaySeconds: 6}").apply().ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        tunnel.beginDelete();
        await().atMost(Duration.ofSeconds(10)).until(() -> tunnel.operation().isPresent());
        String operation = tunnel.operation().orElseThrow().getMetadata().getName();

        kill(mode);

        await().atMost(Duration.ofSeconds(90)).until(() -> tunnel.find().isEmpty());
        assertThat(tunnel.operation().orElseThrow()).satisfies(cleanup -> {
            assertThat(cleanup.getMetadata().getName()).isEqualTo(operation);
            assertThat(cleanup.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
            assertThat(cleanup.getStatus().nodes()).hasSize(2).allMatch(node -> node.verdict() != null);
        });
        for (String node : Tunnel.NODES) {
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> new Node(node).hasNoTraceOf(uid, link));
        }
    }

    /** The JVM of that mode on every node where it runs. */
    private static void kill(String mode) {
        for (String node : Tunnel.NODES) {
            for (String pid : new Node(node).pids("java", "quarkus-run.jar", " " + mode)) {
                CLUSTER.tryOn(node, "", "kill", "-9", pid);
            }
        }
    }

    @Test
    void anAgentThatStartsAnewCleansNothing() {
        tunnel.apply().ready();
        var before = new Node("n1").tracesOf(tunnel.uid(), tunnel.link());
        kill("agent");
        CLUSTER.kubectl("rollout", "status", "daemonset/ur-vpn-agent", "-n", Cluster.NAMESPACE, "--timeout=60s");
        tunnel.ready();
        assertThat(new Node("n1").tracesOf(tunnel.uid(), tunnel.link()))
                .filteredOn(line -> line.contains("proto 200"))
                .isEqualTo(before.stream()
                        .filter(line -> line.contains("proto 200"))
                        .toList());
        assertThat(tunnel.operation()).isEmpty();
    }
}
