package io.urvpn.unit.notify.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.urvpn.notify.metrics.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Alerts, runbooks and dashboard say the same. */
class AlertsTest {
    private static final Path ALERTS = Path.of("helm/ur-vpn-operator/files/alerts.yaml");
    private static final Path DASHBOARD = Path.of("helm/ur-vpn-operator/files/dashboard.json");
    private static final Path RULE_TESTS = Path.of("src/test/resources/alerts/alerts_test.yaml");
    private static final Pattern SERIES = Pattern.compile("urvpn_[a-z_]+");
    private static final Pattern HEADING = Pattern.compile("(?m)^## (\\w+)$");

    private static JsonNode read(Path file) throws IOException {
        return new KubernetesSerialization().unmarshal(Files.readString(file), JsonNode.class);
    }

    private static List<JsonNode> alerts() throws IOException {
        List<JsonNode> alerts = new ArrayList<>();
        read(ALERTS).path("groups").forEach(group -> group.path("rules").forEach(alerts::add));
        return alerts;
    }

    private static String name(JsonNode alert) {
        return alert.path("alert").asText();
    }

    @Test
    void eachAlertHasItsRunbookAndEachRunbookItsAlert() throws IOException {
        List<String> sections = HEADING.matcher(Files.readString(Path.of("docs/runbooks.md")))
                .results()
                .map(heading -> heading.group(1))
                .toList();
        assertThat(sections)
                .containsExactlyElementsOf(
                        alerts().stream().map(AlertsTest::name).toList());
        assertThat(alerts())
                .allSatisfy(alert -> assertThat(
                                alert.path("annotations").path("runbook_url").asText())
                        .isEqualTo("docs/runbooks.md#" + name(alert).toLowerCase(Locale.ROOT)));
    }

    @Test
    void eachAlertSaysHowBadItIsAndWhatItIsAbout() throws IOException {
        assertThat(alerts()).allSatisfy(alert -> {
            assertThat(alert.path("labels").path("severity").asText()).isIn("critical", "warning");
            assertThat(alert.path("for").asText()).isNotEmpty();
            assertThat(alert.path("annotations").path("summary").asText()).isNotEmpty();
            assertThat(alert.path("annotations").path("description").asText()).isNotEmpty();
        });
    }

    @Test
    void eachAlertIsTestedFiringAndNotFiring() throws IOException {
        Set<String> fires = new TreeSet<>();
        Set<String> quiet = new TreeSet<>();
        for (JsonNode test : read(RULE_TESTS).path("tests")) {
            for (JsonNode moment : test.path("alert_rule_test")) {
                (moment.path("exp_alerts").isEmpty() ? quiet : fires)
                        .add(moment.path("alertname").asText());
            }
        }
        Set<String> all = alerts().stream().map(AlertsTest::name).collect(Collectors.toCollection(TreeSet::new));
        assertThat(fires).isEqualTo(all);
        assertThat(quiet).isEqualTo(all);
    }

    @Test
    void alertsAndDashboardUseMetricsThatThereAre() throws IOException {
        Set<String> there = Arrays.stream(Metric.values())
                .flatMap(metric -> switch (metric.type()) {
                    case COUNTER, GAUGE -> List.of(metric.text()).stream();
                    case HISTOGRAM, SUMMARY ->
                        List.of("_bucket", "_count", "_sum", "_max").stream().map(ending -> metric.text() + ending);
                })
                .collect(Collectors.toSet());
        for (Path file : List.of(ALERTS, DASHBOARD, RULE_TESTS)) {
            assertThat(SERIES.matcher(Files.readString(file)).results().map(series -> series.group()))
                    .as(file.toString())
                    .isNotEmpty()
                    .allMatch(there::contains);
        }
    }
}
