package dev.perennial.scorer.serving;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.telemetry.Histogram;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The metrics of one version of an endpoint, looked up once. Thread-safe. */
final class VersionMeters {
    private final Metrics metrics;
    private final String endpoint;
    private final String version;
    private final Histogram latency;
    private final Histogram queue;
    private final Histogram compute;
    private final AtomicReferenceArray<@Nullable LongAdder> errors =
            new AtomicReferenceArray<>(ErrorCode.values().length);

    VersionMeters(Metrics metrics, String endpoint, String version) {
        this.metrics = metrics;
        this.endpoint = endpoint;
        this.version = version;
        this.latency = histogram("perennial_scorer_request_seconds");
        this.queue = histogram("perennial_scorer_queue_seconds");
        this.compute = histogram("perennial_scorer_compute_seconds");
    }

    private Histogram histogram(String name) {
        return metrics.histogram(name, Histogram.Scale.SECONDS, "endpoint", endpoint, "version", version);
    }

    void succeeded(VersionStatistics.Timing timing) {
        latency.record(timing.all());
        queue.record(timing.queue());
        compute.record(timing.infer());
    }

    void failed(ErrorCode code) {
        LongAdder counter = errors.get(code.ordinal());
        if (counter == null) {
            counter = metrics.counter(
                    "perennial_scorer_errors_total",
                    "endpoint",
                    endpoint,
                    "version",
                    version,
                    "kind",
                    code.name().toLowerCase(Locale.ROOT));
            errors.set(code.ordinal(), counter);
        }
        counter.increment();
    }
}
