package io.urvpn.notify.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is so at the moment of one scrape. */
final class Snapshot {
    private static final String TOTAL = "_total";

    private final Map<Metric, Map<Labels, Double>> values = new EnumMap<>(Metric.class);

    /** The value of one series; it takes the place of one told before. */
    void set(Metric metric, double value, String... labelValues) {
        of(metric).put(labels(metric, labelValues), value);
    }

    /** So much more of one series, which begins with 0. */
    void add(Metric metric, double value, String... labelValues) {
        of(metric).merge(labels(metric, labelValues), value, Double::sum);
    }

    /** The least of what is told of one series. */
    void least(Metric metric, double value, String... labelValues) {
        of(metric).merge(labels(metric, labelValues), value, Math::min);
    }

    private Map<Labels, Double> of(Metric metric) {
        return values.computeIfAbsent(metric, key -> new TreeMap<>());
    }

    private static Labels labels(Metric metric, String... labelValues) {
        return Labels.of(metric.labels().toArray(String[]::new), labelValues);
    }

    MetricSnapshots taken() {
        List<MetricSnapshot> all = values.entrySet().stream()
                .map(entry -> taken(entry.getKey(), entry.getValue()))
                .toList();
        return new MetricSnapshots(all);
    }

    private static MetricSnapshot taken(Metric metric, Map<Labels, Double> series) {
        if (metric.type() == Metric.Type.COUNTER) {
            CounterSnapshot.Builder counter = CounterSnapshot.builder()
                    .name(metric.text().substring(0, metric.text().length() - TOTAL.length()))
                    .help(metric.meaning());
            series.forEach((labels, value) -> counter.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                    .labels(labels)
                    .value(value)
                    .build()));
            return counter.build();
        }
        GaugeSnapshot.Builder gauge =
                GaugeSnapshot.builder().name(metric.text()).help(metric.meaning());
        series.forEach((labels, value) -> gauge.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels)
                .value(value)
                .build()));
        return gauge.build();
    }
}
