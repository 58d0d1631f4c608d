package io.urvpn.apiserver.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.MetricsEndpoint;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.apiserver.api.Chart;
import io.urvpn.apiserver.faults.FaultyCluster;
import io.urvpn.apiserver.metrics.Prometheus.Run;
import io.urvpn.apiserver.metrics.Prometheus.Target;
import io.urvpn.notify.metrics.Measurements;
import io.urvpn.operator.OperatorSettings.LeaderElection;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the chart has for Prometheus and Grafana, against a real Prometheus that scrapes the real operator and real agents while an
 * instance comes up and another one goes.
 */
class DashboardAndAlertsTest {
    private static final Path ALERTS = Chart.DIRECTORY.resolve("files/alerts.yaml");
    private static final Path DASHBOARD = Chart.DIRECTORY.resolve("files/dashboard.json");
    /** There is no debt in this cluster. */
    private static final Set<String> WITHOUT_DATA = Set.of("Oldest debt");

    private static final Vertx VERTX = Vertx.vertx();
    private static FaultyCluster cluster;
    private static Prometheus prometheus;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void live() throws IOException {
        cluster = new FaultyCluster();
        Measurements operator = new Measurements();
        Measurements first = new Measurements();
        Measurements second = new Measurements();
        prometheus = new Prometheus(
                directory,
                ALERTS,
                List.of(
                        target(operator, Map.of("pod", "operator")),
                        target(first, Map.of("pod", "agent-1", "node", "node-1")),
                        target(second, Map.of("pod", "agent-2", "node", "node-2"))));
        cluster.node("node-1", first);
        cluster.node("node-2", second);
        cluster.operator(
                new LeaderElection(
                        "measured", "alone", Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(1)),
                operator);
        has("urvpn_operator_leader == 1");
        VpnInstance leaving = cluster.create("leaving");
        cluster.create("staying");
        cluster.up(List.of("leaving", "staying"));
        cluster.admin().resource(leaving).delete();
        cluster.gone(List.of("leaving"), Duration.ofSeconds(60));
        waitsForAnAgent();
    }

    /** A deletion that does not end: one of its nodes has no agent. */
    private static void waitsForAnAgent() {
        cluster.bareNode("node-3");
        VpnInstance waiting = cluster.create("waiting");
        has("sum(urvpn_instance_attachments{vpn_instance=\"waiting\"}) == 3");
        cluster.admin().resource(waiting).delete();
    }

    private static Target target(Measurements measurements, Map<String, String> labels) {
        int port = Prometheus.freePort();
        new MetricsEndpoint(VERTX).at("127.0.0.1", port, measurements);
        return new Target(port, labels);
    }

    private static void has(String expression) {
        await(expression)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> !prometheus.query(expression).isEmpty());
    }

    @AfterAll
    static void end() {
        if (prometheus != null) {
            prometheus.close();
        }
        cluster.close();
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    /** As Grafana fills its variables in. */
    private static Map<String, String> queries() throws IOException {
        Map<String, String> queries = new LinkedHashMap<>();
        for (JsonNode panel : new ObjectMapper().readTree(DASHBOARD.toFile()).path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                queries.put(
                        target.path("expr")
                                .asText()
                                .replace("$__rate_interval", "1m")
                                .replace("$vpn_instance", ".*"),
                        panel.path("title").asText());
            }
        }
        return queries;
    }

    @Test
    void eachQueryOfTheDashboardIsAnsweredWithData() throws IOException {
        Map<String, String> queries = queries();
        assertThat(queries).hasSizeGreaterThan(25);
        for (Map.Entry<String, String> query : queries.entrySet()) {
            if (WITHOUT_DATA.contains(query.getValue())) {
                prometheus.query(query.getKey());
            } else {
                has(query.getKey());
            }
        }
    }

    @Test
    void theFiguresAreWhatHappened() {
        has("sum(urvpn_operator_leader) == 1");
        has("sum(urvpn_tunnel_up{vpn_instance=\"staying\"}) == 2");
        has("sum(urvpn_operation_duration_seconds_count{operation=\"Delete\",result=\"Verified\"}) == 1");
        has(
                "sum by (component) (urvpn_step_duration_seconds_count{component=\"VPN_DISCONNECT\",result=\"COMPLETED\"}) >= 2");
        has("sum(urvpn_verifications_total{result=\"Clean\",attempt=\"first\"}) >= 2");
        has("sum(urvpn_pending_nodes) >= 1");
        has(
                "sum(urvpn_api_requests_total{pod=\"operator\",verb=\"watch\",resource=\"vpnattachments\",code=\"101\"}"
                        + " or urvpn_api_requests_total{pod=\"operator\",verb=\"watch\",resource=\"vpnattachments\",code=\"200\"}) >= 1");
        has("absent(urvpn_tunnel_up{vpn_instance=\"leaving\"})");
    }

    @Test
    void eachAlertIsEvaluatedWithoutAnError() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(prometheus.rules())
                        .hasSize(13)
                        .allSatisfy(rule -> assertThat(rule.path("health").asText())
                                .as(rule.toString())
                                .isEqualTo("ok"))
                        .noneMatch(rule -> rule.path("name").asText().equals("UrVpnNoLeader")
                                && rule.path("state").asText().equals("firing")));
    }

    @Test
    void theRulesPassTheirOwnTests() throws IOException {
        Run check = Prometheus.promtool("check", "rules", ALERTS.toString());
        assertThat(check.exitCode()).as(check.output()).isZero();
        Run test = Prometheus.promtool("test", "rules", "src/test/resources/alerts/alerts_test.yaml");
        assertThat(test.exitCode()).as(test.output()).isZero();
    }
}
