package io.urvpn.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.api.v1alpha1.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What kube-linter finds in the chart is either mended or accepted for a written reason. */
class KubeLinterTest {
    /** Each finding that is accepted, and why. */
    private static final Path ACCEPTED = Path.of("e2e/chart/accepted-findings.yaml");

    /** What it looks for. */
    private static final String CONFIGURATION = "e2e/chart/kube-linter.yaml";

    private static final ObjectMapper JSON = new ObjectMapper();

    private record Finding(String object, String check, String comment) {
        @Override
        public String toString() {
            return "%s: %s: %s".formatted(object, check, comment);
        }
    }

    private record Accepted(
            @JsonProperty(required = true) String object,
            @JsonProperty(required = true) String check,
            @JsonProperty(required = true) String reason) {
        boolean covers(Finding finding) {
            return object.equals(finding.object) && check.equals(finding.check);
        }
    }

    @Test
    void whatIsFoundIsAcceptedForAReasonAndWhatIsAcceptedIsFound() throws IOException, InterruptedException {
        List<Accepted> accepted =
                List.of(Serialization.kubernetes().unmarshal(Files.readString(ACCEPTED), Accepted[].class));
        Set<Finding> findings = new LinkedHashSet<>();
        for (Rendered rendered : Rendered.values()) {
            findings.addAll(findings(rendered.manifests()));
        }
        assertThat(findings)
                .as("what %s does not accept", ACCEPTED)
                .allMatch(finding -> accepted.stream().anyMatch(one -> one.covers(finding)));
        assertThat(accepted)
                .as("what %s accepts is found", ACCEPTED)
                .allMatch(one -> findings.stream().anyMatch(one::covers));
        assertThat(accepted).as("reasons").noneMatch(one -> one.reason.isBlank());
    }

    private static List<Finding> findings(String manifests) throws IOException, InterruptedException {
        Tool.Run run =
                Tool.KUBE_LINTER.run(manifests, List.of("lint", "--config", CONFIGURATION, "--format", "json", "-"));
        JsonNode linted = JSON.readTree(run.out());
        assertThat(linted.path("Checks").size()).as(run.err()).isPositive();
        List<Finding> findings = new ArrayList<>();
        for (JsonNode report : linted.path("Reports")) {
            JsonNode object = report.at("/Object/K8sObject");
            findings.add(new Finding(
                    object.at("/GroupVersionKind/Kind").asText() + " "
                            + object.path("Name").asText(),
                    report.path("Check").asText(),
                    report.at("/Diagnostic/Message").asText()));
        }
        return findings;
    }
}
