package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.telemetry.Histogram;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final Metrics metrics = new Metrics();

    @Test
    void aCounterIsOneSeriesForItsLabels() {
        metrics.counter("calls", "endpoint", "a").add(2);
        metrics.counter("calls", "endpoint", "a").increment();
        metrics.counter("calls", "endpoint", "b").increment();
        assertThat(metrics.text()).isEqualTo("""
                # TYPE calls counter
                calls{endpoint="a"} 3
                calls{endpoint="b"} 1
                """);
    }

    @Test
    void theLastGaugeOfANameWins() {
        metrics.gauge("revision", () -> 1);
        metrics.gauge("revision", () -> 2);
        assertThat(metrics.text()).isEqualTo("# TYPE revision gauge\nrevision{} 2\n");
    }

    @Test
    void labelsAreEscaped() {
        metrics.counter("calls", "endpoint", "a\"b\\c\nd").increment();
        assertThat(metrics.text()).contains("calls{endpoint=\"a\\\"b\\\\c\\nd\"} 1\n");
    }

    @Test
    void aHistogramCountsUpToEachEdgeIncluded() {
        Histogram histogram = metrics.histogram("seconds", Histogram.Scale.SECONDS, "endpoint", "m");
        histogram.record(TimeUnit.MILLISECONDS.toNanos(1));
        histogram.record(TimeUnit.MILLISECONDS.toNanos(1) + 1);
        histogram.record(TimeUnit.SECONDS.toNanos(9));
        assertThat(metrics.text())
                .startsWith("# TYPE seconds histogram\n")
                .contains("seconds_bucket{endpoint=\"m\",le=\"5.0E-4\"} 0\n")
                .contains("seconds_bucket{endpoint=\"m\",le=\"0.001\"} 1\n")
                .contains("seconds_bucket{endpoint=\"m\",le=\"0.0025\"} 2\n")
                .contains("seconds_bucket{endpoint=\"m\",le=\"2.5\"} 2\n")
                .contains("seconds_bucket{endpoint=\"m\",le=\"+Inf\"} 3\n")
                .contains("seconds_sum{endpoint=\"m\"} 9.002")
                .contains("seconds_count{endpoint=\"m\"} 3\n");
    }

    @Test
    void seriesOfVersionsThatAreConfiguredNoMoreAreForgotten() {
        metrics.counter("calls_total", "endpoint", "a", "version", "a/1").increment();
        metrics.counter("calls_total", "endpoint", "a", "version", "a/2").increment();
        metrics.counter("calls_total", "endpoint", "b", "version", "b/1").increment();
        metrics.counter("shed_total", "endpoint", "b").increment();
        metrics.counter("deliveries_total").increment();
        metrics.retain(Map.of("a", Set.of("a/2")));
        assertThat(metrics.text()).isEqualTo("""
                # TYPE calls_total counter
                calls_total{endpoint="a",version="a/2"} 1
                # TYPE deliveries_total counter
                deliveries_total{} 1
                """);
    }

    @Test
    void aMeasureMayHaveAFraction() {
        metrics.measure("silent_seconds", () -> 1.25);
        assertThat(metrics.text()).isEqualTo("# TYPE silent_seconds gauge\nsilent_seconds{} 1.25\n");
    }

    @Test
    void aHistogramOfCountsIsToldInWholeEdges() {
        metrics.histogram("batch", Histogram.Scale.COUNTS).record(3);
        assertThat(metrics.text()).contains("batch_bucket{le=\"2.0\"} 0\n", "batch_bucket{le=\"4.0\"} 1\n");
    }
}
