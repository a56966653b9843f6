package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

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
        Metrics.Histogram histogram = metrics.histogram("seconds", "endpoint", "m");
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
}
