package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.urvpn.api.v1alpha1.DeliveryKind;
import io.urvpn.api.v1alpha1.DeliveryState;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Delivery;
import io.urvpn.broker.Broker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chart with a broker and with the agents' figures: as pods, with a Secret that is mounted and under their limits. */
class MessagesAndMetricsTest {
    private static final String SECRET = "mqtt";
    private static final String OF_OPERATORS = ":8080/metrics";
    private static final String OF_AGENTS = ":9782/metrics";
    private static final String FETCH =
            "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())";

    private static Broker broker;

    private final Tunnel tunnel = Tunnel.named("told");
    private final Tunnel other = Tunnel.unanswered("told-too", 4);

    @BeforeAll
    static void install(@TempDir Path directory) throws Exception {
        String address = CLUSTER.client.getMasterUrl().getHost();
        broker = new Broker(directory, address);
        CLUSTER.kubectl("create", "secret", "generic", SECRET, "-n", NAMESPACE, "--from-file=" + broker.secret());
        Release.upgrade(
                "mqtt.host=" + address,
                "mqtt.port=" + broker.port(),
                "mqtt.credentialsSecret=" + SECRET,
                "agent.metrics.enabled=true");
        Operators.settled();
    }

    @AfterAll
    static void putBack() throws Exception {
        Release.upgrade();
        CLUSTER.kubectl("delete", "secret", SECRET, "-n", NAMESPACE);
        broker.close();
    }

    @AfterEach
    void remove() {
        tunnel.remove();
        other.remove();
    }

    private static void delivered(Tunnel of) {
        await("both messages of " + of.name + " are delivered")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(of.operation()
                                .map(VpnCleanup::getStatus)
                                .orElseThrow()
                                .deliveries())
                        .allSatisfy(one -> assertThat(one.state()).isEqualTo(DeliveryState.ACKNOWLEDGED))
                        .extracting(Delivery::kind)
                        .containsExactly(DeliveryKind.INITIAL, DeliveryKind.VERIFICATION));
    }

    @Test
    void whatABrokerMissedItHearsInOrderFromTheOperatorThatTookOverMeanwhile() throws Exception {
        try (Broker.Listener listener = broker.listener("ur-vpn/#")) {
            tunnel.apply().ready();
            tunnel.delete();
            delivered(tunnel);
            await().atMost(Duration.ofSeconds(10)).until(() -> listener.heard().size() == 2);

            other.apply().inPlace();
            Operators.settled();
            broker.stop();
            other.delete();
            CLUSTER.client.pods().resource(Operators.acting()).delete();
            broker.start();
            delivered(other);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(listener.texts())
                            .satisfiesExactly(
                                    text -> assertThat(text).contains("cleanup_tracking"),
                                    text -> assertThat(text).contains("\"instance_name\":\"told\""),
                                    text -> assertThat(text).contains("cleanup_tracking"),
                                    text -> assertThat(text).contains("\"instance_name\":\"told-too\"")));
        }
        Operators.settled();
        withinTheirLimits();
    }

    @Test
    void operatorsAndAgentsAnswerPrometheus() {
        tunnel.apply().ready();
        for (String node : Tunnel.NODES) {
            await("the agent of %s says that the tunnel is up".formatted(node))
                    .ignoreExceptions()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(metrics(node, address(node) + OF_AGENTS))
                            .anyMatch(line -> line.startsWith("urvpn_tunnel_up{")
                                    && line.contains("vpn_instance=\"told\"")
                                    && line.endsWith(" 1.0")));
        }
        List<Pod> operators = Operators.pods();
        assertThat(operators)
                .extracting(pod ->
                        metrics(pod.getSpec().getNodeName(), pod.getStatus().getPodIP() + OF_OPERATORS).stream()
                                .filter(line -> line.startsWith("urvpn_operator_leader "))
                                .toList())
                .containsExactlyInAnyOrder(List.of("urvpn_operator_leader 1.0"), List.of("urvpn_operator_leader 0.0"));
        withinTheirLimits();
    }

    /** As Prometheus asks, which runs on a node. */
    private static List<String> metrics(String from, String where) {
        return CLUSTER.on(from, "python3", "-c", FETCH, "http://" + where)
                .lines()
                .toList();
    }

    private static String address(String node) {
        return CLUSTER.client.nodes().withName(node).get().getStatus().getAddresses().stream()
                .filter(address -> "InternalIP".equals(address.getType()))
                .findFirst()
                .orElseThrow()
                .getAddress();
    }

    /** None was ended for the memory that it took. */
    private static void withinTheirLimits() {
        assertThat(CLUSTER.client.pods().inNamespace(NAMESPACE).list().getItems())
                .flatExtracting(pod -> pod.getStatus().getContainerStatuses())
                .extracting(ContainerStatus::getLastState)
                .allSatisfy(last -> assertThat(last.getTerminated())
                        .satisfiesAnyOf(
                                ended -> assertThat(ended).isNull(),
                                ended -> assertThat(ended.getReason()).isNotEqualTo("OOMKilled")));
    }
}
