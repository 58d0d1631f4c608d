package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two operators, of which one acts, and an API server that goes away: deletions that were begun end all the same. */
class ControlPlaneTest {
    private static final Duration AWAY = Duration.ofSeconds(60);
    private static final String ACTS = "this operator acts from now on";

    private final Tunnel tunnel = Tunnel.named("steered");
    private final Tunnel other = Tunnel.unanswered("steered-too", 2);

    @AfterEach
    void remove() {
        CLUSTER.script("start-api");
        CLUSTER.kubectl("uncordon", "n1", "n2");
        tunnel.remove();
        other.remove();
    }

    @Test
    void nothingIsLostWhileTheApiServerIsAwayForAMinute() {
        tunnel.cleanup("{verificationDelaySeconds: 3}").apply().ready();
        other.cleanup("{verificationDelaySeconds: 3}").apply().inPlace();
        List<Deletion> deletions = List.of(Deletion.begin(tunnel), Deletion.begin(other));
        assertThat(deletions).allMatch(Deletion::underWay);

        CLUSTER.script("stop-api");
        Instant until = Instant.now().plus(AWAY);
        await().atMost(AWAY.plusSeconds(5))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> Instant.now().isAfter(until));
        CLUSTER.script("start-api");

        Deletion.allEndVerified(deletions, Duration.ofSeconds(90));
    }

    @Test
    void theOtherOperatorFinishesWhatAKilledOneHadBegun() {
        tunnel.cleanup("{verificationDelaySeconds: 5}").apply().ready();
        Operators.settled();
        Pod acting = Operators.acting();
        String leader = acting.getMetadata().getName();
        Pod standby = Operators.standby();
        assertThat(log(standby)).doesNotContain(ACTS);
        Deletion deletion = Deletion.begin(tunnel);

        Instant killed = Instant.now();
        kill(acting);

        await("another operator holds the Lease")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(40))
                .until(() -> !List.of("", leader).contains(Operators.lease().getHolderIdentity()));
        assertThat(processes(acting))
                .as("what is left of the operator that acted")
                .isEmpty();
        assertThat(Operators.lease().getAcquireTime().toInstant()).isAfter(killed);
        Deletion.allEndVerified(List.of(deletion), Duration.ofSeconds(60));
        assertThat(Operators.pods().stream().filter(pod -> log(pod).contains(ACTS)))
                .as("operators that acted since")
                .singleElement()
                .satisfies(pod -> assertThat(pod.getMetadata().getName())
                        .isEqualTo(Operators.lease().getHolderIdentity()));
    }

    /** What `kubectl drain` asks for; it would take the second one in the moment in which that begins to act. */
    @Test
    void aDrainTakesTheSecondOperatorOnlyWhenAnotherIsReadyAndThatOneStaysReadyAsItTakesOver() {
        Operators.settled();
        Pod acting = Operators.acting();
        Pod standby = Operators.standby();
        String ready = readySince(standby);
        await("the budget knows of both")
                .atMost(Duration.ofSeconds(20))
                .until(() -> CLUSTER.client
                                .policy()
                                .v1()
                                .podDisruptionBudget()
                                .inNamespace(NAMESPACE)
                                .withName("ur-vpn-operator")
                                .get()
                                .getStatus()
                                .getDisruptionsAllowed()
                        == 1);

        // no place for a third one, which could be the next to act
        CLUSTER.kubectl("cordon", "n1", "n2");
        assertThat(evict(acting)).isTrue();
        assertThat(evict(standby)).isFalse();

        await("the other one acts")
                .atMost(Duration.ofSeconds(40))
                .until(() ->
                        standby.getMetadata().getName().equals(Operators.lease().getHolderIdentity()));
        assertThat(readySince(standby)).as("ready all the time").isEqualTo(ready);
        CLUSTER.kubectl("uncordon", "n1", "n2");
        Operators.settled();
        assertThat(readySince(standby)).as("ready all the time").isEqualTo(ready);
    }

    /** One request: the client would ask again for some seconds when it is refused with 429, by default. */
    private static boolean evict(Pod pod) {
        Config once = new ConfigBuilder(CLUSTER.client.getConfiguration())
                .withRequestRetryBackoffLimit(0)
                .build();
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(once).build()) {
            return client.pods().resource(pod).evict();
        }
    }

    private static String readySince(Pod pod) {
        return CLUSTER.client.pods().resource(pod).get().getStatus().getConditions().stream()
                .filter(condition -> "Ready".equals(condition.getType()))
                .map(condition -> condition.getStatus() + " since " + condition.getLastTransitionTime())
                .findFirst()
                .orElseThrow();
    }

    private static String log(Pod pod) {
        return CLUSTER.kubectl("logs", "-n", NAMESPACE, pod.getMetadata().getName(), "--ignore-errors", "--tail=-1");
    }

    /** Process ids of a pod on its node, by its uid in their control group. */
    private static List<String> processes(Pod pod) {
        return CLUSTER.bash(
                        pod.getSpec().getNodeName(),
                        "grep -ls -- \"$1\" /proc/[0-9]*/cgroup | cut -d/ -f3; true",
                        pod.getMetadata().getUid())
                .lines()
                .toList();
    }

    /** Not in the way that lets it hand its Lease over: every process at once, and its pod for good. */
    private static void kill(Pod pod) {
        CLUSTER.bash(
                pod.getSpec().getNodeName(),
                "for pid in $(grep -ls -- \"$1\" /proc/[0-9]*/cgroup | cut -d/ -f3); do kill -9 $pid; done",
                pod.getMetadata().getUid());
        CLUSTER.kubectl("delete", "pod", "-n", NAMESPACE, pod.getMetadata().getName(), "--grace-period=0", "--force");
    }
}
