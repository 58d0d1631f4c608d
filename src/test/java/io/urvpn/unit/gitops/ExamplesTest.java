package io.urvpn.unit.gitops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The files under deploy/gitops agree with each other. */
class ExamplesTest {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Path GITOPS = Path.of("deploy/gitops");

    private static List<JsonNode> documents(String file) throws IOException {
        try (MappingIterator<JsonNode> all =
                YAML.readerFor(JsonNode.class).readValues(Files.readString(GITOPS.resolve(file)))) {
            return all.readAll();
        }
    }

    @Test
    void theConfigMapHasTheHealthCheckOfEachKind() throws IOException {
        Map<String, String> expected = new TreeMap<>();
        for (String kind : List.of("VpnAttachment", "VpnCleanup", "VpnInstance", "VpnNode")) {
            Path script = GITOPS.resolve("argocd/resource_customizations/urvpn.io/" + kind + "/health.lua");
            expected.put("resource.customizations.health.urvpn.io_" + kind, Files.readString(script));
        }
        Map<String, String> data = new TreeMap<>();
        documents("argocd/argocd-cm.yaml")
                .getFirst()
                .get("data")
                .properties()
                .forEach(entry -> data.put(entry.getKey(), entry.getValue().asText()));
        assertThat(data).isEqualTo(expected);
    }

    @Test
    void theOperatorComesBeforeTheTunnels() throws IOException {
        List<JsonNode> applications = documents("argocd/applications.yaml");
        assertThat(applications)
                .extracting(application -> application.at("/metadata/name").asText() + " "
                        + application
                                .at("/metadata/annotations/argocd.argoproj.io~1sync-wave")
                                .asText())
                .containsExactly("ur-vpn-operator 0", "tunnels 1");
        assertThat(documents("flux/tunnels.yaml")
                        .getLast()
                        .at("/spec/dependsOn/0/name")
                        .asText())
                .isEqualTo("ur-vpn-operator");
    }

    @Test
    void theChartIsTheOneOfThisVersion() throws IOException {
        String version = YAML.readTree(Files.readString(Path.of("helm/ur-vpn-operator/Chart.yaml")))
                .get("version")
                .asText();
        assertThat(documents("argocd/applications.yaml")
                        .getFirst()
                        .at("/spec/source/targetRevision")
                        .asText())
                .isEqualTo("v" + version);
        assertThat(documents("flux/operator.yaml")
                        .getFirst()
                        .at("/spec/ref/tag")
                        .asText())
                .isEqualTo("v" + version);
    }
}
