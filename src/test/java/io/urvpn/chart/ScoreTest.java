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

/** What kube-score finds in the chart is either mended or accepted for a written reason. */
class ScoreTest {
    /** Each finding that is accepted, and why. */
    private static final Path ACCEPTED = Path.of("e2e/chart/accepted-findings.yaml");

    /** Grades of kube-score: 1 critical, 5 warning, 7 almost, 10 nothing found. */
    private static final int NOTHING_FOUND = 10;

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
        Tool.Run run = Tool.KUBE_SCORE.run(manifests, List.of("score", "--output-format", "json", "-"));
        List<Finding> findings = new ArrayList<>();
        JsonNode objects = JSON.readTree(run.out());
        assertThat(objects.size()).as(run.err()).isPositive();
        for (JsonNode object : objects) {
            String name = object.at("/type_meta/kind").asText() + " "
                    + object.at("/object_meta/name").asText();
            for (JsonNode check : object.path("checks")) {
                if (!check.path("skipped").asBoolean() && check.path("grade").asInt() < NOTHING_FOUND) {
                    findings.add(new Finding(
                            name,
                            check.at("/check/id").asText(),
                            check.path("comments").toString()));
                }
            }
        }
        return findings;
    }
}
