package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChartTest {
    private final KubernetesClient client = ApiServer.running().admin();

    @Test
    void thePlainManifestsAreTheChart() throws IOException, InterruptedException {
        assertThat(Chart.MANIFESTS)
                .as("is not what the chart renders: run make generate")
                .hasContent(Chart.plainManifests());
    }

    @ParameterizedTest
    @CsvSource({
        "tables.first=5, first",
        "routeProtocol=4, routeProtocol",
        "cleanup.maxRetryAttempts=21, maxRetryAttempts",
        "cleanup.releaseWhen=Always, releaseWhen",
        "cleanup.nodeLostAfter=soon, nodeLostAfter",
        "images.runtime.digest=latest, digest",
        "image.tag=1, image",
        "operator.tolerationSeconds=-1, tolerationSeconds",
        "operator.replica=1, replica",
        "operator.resources.request.cpu=1, request",
        "operator.affinity.nodeAffinty=1, nodeAffinty",
        "agent.tolerations[0].keyy=1, keyy",
        "networkPolicy.apiServerAddresses[0]=somewhere, apiServerAddresses",
        "agent.metrics.port=80, port",
        "metrics.serviceMonitor.interval=soon, interval",
        "metrics.podMonitor.enabled=true, agent.metrics.enabled",
    })
    void aWrongValueIsRefusedByItsName(String value, String name) throws IOException, InterruptedException {
        Chart.Run run = Chart.helm(List.of("template", "x", Chart.DIRECTORY.toString(), "--set", value));
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.output()).contains(name);
    }

    @Test
    void theServerTakesEachObjectAsItIs() throws IOException, InterruptedException {
        List<HasMetadata> objects = objects(
                Chart.render(
                        "--set",
                        "namespace.create=true,agent.metrics.enabled=true,metrics.service.enabled=true,metrics.dashboard.enabled=true"));
        assertThat(objects).hasSizeGreaterThan(20);
        namespace();
        for (HasMetadata object : objects) {
            // an unknown field is refused, not passed over
            client.resource(object)
                    .dryRun()
                    .fieldValidation(FieldValidateable.Validation.STRICT)
                    .forceConflicts()
                    .serverSideApply();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wireguard", "wireguard-generated", "openvpn"})
    void theServerTakesTheSample(String type) throws IOException {
        for (HasMetadata object : objects(Files.readString(Path.of("deploy/samples/" + type + ".yaml")))) {
            namespace();
            client.resource(object)
                    .dryRun()
                    .fieldValidation(FieldValidateable.Validation.STRICT)
                    .forceConflicts()
                    .serverSideApply();
        }
    }

    private List<HasMetadata> objects(String manifests) {
        return client.load(new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)))
                .items();
    }

    private void namespace() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(Chart.NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
    }
}
