package io.urvpn.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.apiserver.api.ApiServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the chart renders is what the API server's own schemas allow, our kinds among them. */
class ConformityTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path schemas;

    @BeforeAll
    static void writeSchemas() throws IOException {
        ApiSchemas.write(ApiServer.running().admin(), schemas);
    }

    @ParameterizedTest
    @EnumSource
    void eachObjectIsWhatTheServerDescribes(Rendered rendered) throws IOException, InterruptedException {
        Tool.Run run = conform(rendered.manifests());
        JsonNode summary = JSON.readTree(run.out()).path("summary");
        assertThat(run.exit()).as(run.out() + run.err()).isZero();
        assertThat(summary.path("valid").asInt()).isGreaterThan(20);
        // what another operator describes is looked at by MonitoringKindsTest
        assertThat(summary.path("skipped").asInt()).isEqualTo(rendered == Rendered.IN_FULL ? 3 : 0);
    }

    @ParameterizedTest
    @CsvSource({
        "'  replica: 2', replica",
        "'  replicas: two', replicas",
        "'  template: {spec: {containers: [{name: a, image: b, pots: []}]}}', pots",
    })
    void whatTheServerDoesNotDescribeIsFound(String line, String named) throws IOException, InterruptedException {
        Tool.Run run = conform("""
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: x
                spec:
                  selector: {}
                %s
                """.formatted(line));
        assertThat(run.exit()).isNotZero();
        assertThat(run.out()).contains(named);
    }

    @Test
    void aKindOfOursIsDescribedToo() throws IOException, InterruptedException {
        Tool.Run run = conform("""
                apiVersion: urvpn.io/v1alpha1
                kind: VpnInstance
                metadata:
                  name: x
                spec:
                  type: WireGuard
                  configSecretRef: {name: x, namespce: y}
                """);
        assertThat(run.exit()).isNotZero();
        assertThat(run.out()).contains("namespce");
    }

    private static Tool.Run conform(String manifests) throws IOException, InterruptedException {
        return Tool.KUBECONFORM.run(
                manifests,
                List.of(
                        "-strict",
                        "-skip",
                        "ServiceMonitor,PodMonitor,PrometheusRule",
                        "-summary",
                        "-output",
                        "json",
                        "-schema-location",
                        schemas.toAbsolutePath() + "/" + ApiSchemas.FILES));
    }
}
