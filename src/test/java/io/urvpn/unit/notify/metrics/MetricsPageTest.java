package io.urvpn.unit.notify.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.notify.metrics.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
    @Test
    void listsEachMetricAsTheCodeHasItAndNoOther() throws IOException {
        List<String> rows = Files.readString(Path.of("docs/metrics.md"))
                .lines()
                .filter(line -> line.startsWith("| `urvpn_"))
                .toList();
        assertThat(rows)
                .containsExactlyElementsOf(
                        Arrays.stream(Metric.values()).map(MetricsPageTest::row).toList());
    }

    @Test
    void namesAndUnitsAreByConvention() {
        assertThat(Metric.values()).allSatisfy(metric -> {
            assertThat(metric.text()).matches("urvpn_[a-z]+(_[a-z]+)*");
            assertThat(metric.text().endsWith("_total")).isEqualTo(metric.type() == Metric.Type.COUNTER);
            assertThat(metric.labels()).doesNotContain("instance", "job").allMatch(label -> label.matches("[a-z_]+"));
        });
    }

    private static String row(Metric metric) {
        String labels = metric.labels().isEmpty()
                ? "-"
                : metric.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
        return "| `%s` | %s | %s | %s | %s |"
                .formatted(
                        metric.text(),
                        metric.type().name().toLowerCase(Locale.ROOT),
                        labels,
                        metric.teller().name().toLowerCase(Locale.ROOT),
                        metric.meaning());
    }
}
