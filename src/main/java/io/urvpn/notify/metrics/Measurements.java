package io.urvpn.notify.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What this process tells Prometheus. What happens is counted here; what is so is read from its source whenever it is asked
 * for, so it cannot drift.
 */
public final class Measurements {
    /** The content type of {@link #text()}. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(15),
        Duration.ofHours(1)
    };

    private volatile Runnable beforeEach = () -> {};
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /** With memory, processor and uptime of this process. */
    public Measurements() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /** Everything, in Prometheus' text format. */
    public String text() {
        beforeEach.run();
        return registry.scrape();
    }

    /** One more of a {@link Metric.Type#COUNTER}; the values are those of its labels, from a bounded set. */
    void count(Metric metric, String... values) {
        counter(metric, values).increment();
    }

    private Counter counter(Metric metric, String... values) {
        return Counter.builder(metric.text())
                .description(metric.meaning())
                .tags(tags(metric, values))
                .register(registry);
    }

    /** One more of a {@link Metric.Type#HISTOGRAM} or {@link Metric.Type#SUMMARY}. */
    void took(Metric metric, Duration duration, String... values) {
        timer(metric, values).record(duration.isNegative() ? Duration.ZERO : duration);
    }

    private Timer timer(Metric metric, String... values) {
        Timer.Builder timer =
                Timer.builder(metric.text()).description(metric.meaning()).tags(tags(metric, values));
        if (metric.type() == Metric.Type.HISTOGRAM) {
            timer.serviceLevelObjectives(BUCKETS);
        }
        return timer.register(registry);
    }

    /** Before each scrape {@code prepare} runs. */
    void beforeEach(Runnable prepare) {
        beforeEach = prepare;
    }

    /** Tells these series of a metric before anything of them happened: what begins with 1 has not increased. */
    void begin(Metric metric, String... values) {
        if (metric.type() == Metric.Type.COUNTER) {
            counter(metric, values);
        } else {
            timer(metric, values);
        }
    }

    private static List<Tag> tags(Metric metric, String... values) {
        if (values.length != metric.labels().size()) {
            throw new IllegalArgumentException(metric + " has the labels " + metric.labels());
        }
        List<Tag> tags = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            tags.add(Tag.of(metric.labels().get(i), values[i]));
        }
        return tags;
    }

    /** From now on what {@code tell} tells is asked for at each scrape. */
    void whenAsked(Consumer<Snapshot> tell) {
        registry.getPrometheusRegistry().register(new MultiCollector() {
            @Override
            public MetricSnapshots collect() {
                Snapshot snapshot = new Snapshot();
                tell.accept(snapshot);
                return snapshot.taken();
            }
        });
    }
}
