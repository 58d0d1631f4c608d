package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.VpnAttachmentStatus.RepairStatus;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is taken from a running tunnel is put back; what only happens around it changes nothing. */
class DriftTest {
    private static final Tunnel TUNNEL = Tunnel.named("drift");
    private static final Node N1 = new Node("n1");

    @BeforeAll
    static void up() {
        TUNNEL.apply().ready();
    }

    @AfterAll
    static void remove() {
        TUNNEL.remove();
    }

    private static List<String> ours() {
        return Stream.of(N1.rules(), N1.routes())
                .flatMap(List::stream)
                .filter(line -> line.contains("proto 200"))
                .toList();
    }

    private static int table() {
        return TUNNEL.attachment("n1").getStatus().table();
    }

    private static RepairStatus repairs() {
        RepairStatus repairs = TUNNEL.attachment("n1").getStatus().repairs();
        return repairs == null ? new RepairStatus(0L, "", null) : repairs;
    }

    private static void repairedWithin(Duration limit, List<String> before, String named) {
        long count = repairs().count();
        await().atMost(limit)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(ours()).isEqualTo(before));
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            assertThat(repairs().last()).contains(named);
            assertThat(repairs().lastAt()).isNotNull();
            assertThat(repairs().count()).isPositive().isGreaterThanOrEqualTo(count);
        });
    }

    private static void pings() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                CLUSTER.tryOn("n1", "", "ping", "-q", "-c", "3", "-i", "0.1", "-W", "1", "10.200.0.1")
                                        .out())
                        .contains("3 received"));
    }

    @Test
    void aDeletedRouteIsBackWithinTwoSeconds() {
        List<String> before = ours();
        CLUSTER.on("n1", "ip", "route", "del", "10.201.0.1/32", "table", String.valueOf(table()));
        repairedWithin(Duration.ofSeconds(2), before, "10.201.0.1/32");
    }

    @Test
    void aDeletedRuleIsBackWithinTwoSeconds() {
        List<String> before = ours();
        CLUSTER.on("n1", "ip", "-6", "rule", "del", "pref", String.valueOf(table()));
        repairedWithin(Duration.ofSeconds(2), before, "rule");
    }

    @Test
    void aKilledDaemonIsBackWithinFiveSeconds() {
        List<String> before = ours();
        List<String> daemon = N1.pids("wireguard-go", TUNNEL.link());
        N1.kill(daemon);
        await().atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(N1.pids("wireguard-go", TUNNEL.link()))
                        .isNotEmpty()
                        .isNotEqualTo(daemon));
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(ours()).isEqualTo(before));
        pings();
    }

    @Test
    void aDeletedPodIsReplacedAndTheTunnelIsBack() {
        List<String> before = ours();
        List<String> pods = TUNNEL.pods("n1");
        CLUSTER.kubectl("delete", "pod", "-n", NAMESPACE, pods.getFirst(), "--wait=false");
        await().atMost(Duration.ofSeconds(25)).untilAsserted(() -> {
            assertThat(TUNNEL.pods("n1")).isNotEmpty().doesNotContainAnyElementsOf(pods);
            assertThat(ours()).isEqualTo(before);
        });
        pings();
    }

    @Test
    void aDeletedAgentChangesNothingOnTheNode() {
        List<String> before = ours();
        List<String> daemon = N1.pids("wireguard-go", TUNNEL.link());
        String agent = CLUSTER.client.pods().inNamespace(NAMESPACE).list().getItems().stream()
                .filter(pod -> "n1".equals(pod.getSpec().getNodeName()))
                .map(pod -> pod.getMetadata().getName())
                .filter(pod -> pod.contains("agent"))
                .findFirst()
                .orElseThrow();
        CLUSTER.kubectl("delete", "pod", "-n", NAMESPACE, agent);
        assertThat(ours()).isEqualTo(before);
        CLUSTER.on("n1", "ip", "route", "del", "10.201.0.1/32", "table", String.valueOf(table()));
        await().atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(ours()).isEqualTo(before));
        assertThat(N1.pids("wireguard-go", TUNNEL.link())).isEqualTo(daemon);
        pings();
    }

    @Test
    void aCordonADrainAndAKubeletRestartChangeNothing() {
        List<String> before = ours();
        List<String> daemon = N1.pids("wireguard-go", TUNNEL.link());
        String attachment = TUNNEL.attachment("n1").getMetadata().getUid();
        CLUSTER.kubectl("cordon", "n1");
        CLUSTER.kubectl("drain", "n1", "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=60s");
        CLUSTER.script("stop-kubelet", "n1");
        CLUSTER.script("start-kubelet", "n1");
        CLUSTER.kubectl("wait", "node/n1", "--for=condition=Ready", "--timeout=60s");
        CLUSTER.kubectl("uncordon", "n1");
        assertThat(ours()).isEqualTo(before);
        assertThat(N1.pids("wireguard-go", TUNNEL.link())).isEqualTo(daemon);
        assertThat(TUNNEL.attachment("n1").getMetadata().getUid()).isEqualTo(attachment);
        pings();
    }
}
