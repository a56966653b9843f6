package dev.perennial.scorer.serving;

import dev.perennial.scorer.telemetry.Family;
import dev.perennial.scorer.telemetry.Family.Kind;
import dev.perennial.scorer.telemetry.Family.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * The counters that Triton's users know, made of the same statistics that the Open Inference Protocol tells, so that counting them costs
 * nothing. Times are microseconds.
 */
final class TritonFamilies {
    private static final Map<String, ToLongFunction<VersionStatistics.Snapshot>> COUNTERS = Map.of(
            "nv_inference_request_success", now -> now.success().count(),
            "nv_inference_request_failure", now -> now.fail().count(),
            "nv_inference_count", VersionStatistics.Snapshot::rows,
            "nv_inference_exec_count", VersionStatistics.Snapshot::executions,
            "nv_inference_request_duration_us", now -> micros(now.success()),
            "nv_inference_queue_duration_us", now -> micros(now.phases().queue()),
            "nv_inference_compute_input_duration_us", now -> micros(now.phases().input()),
            "nv_inference_compute_infer_duration_us", now -> micros(now.phases().infer()),
            "nv_inference_compute_output_duration_us",
                    now -> micros(now.phases().output()));

    private TritonFamilies() {}

    /** @param versions snapshots by endpoint */
    static List<Family> of(Map<String, List<VersionStatistics.Snapshot>> versions) {
        List<Family> families = new ArrayList<>();
        COUNTERS.forEach((name, counter) -> {
            List<Series> series = new ArrayList<>();
            versions.forEach((endpoint, snapshots) -> snapshots.forEach(now -> series.add(new Series(
                    List.of("model", endpoint, "version", now.version()),
                    new Family.Number(counter.applyAsLong(now))))));
            families.add(new Family(name, Kind.COUNTER, series));
        });
        return families;
    }

    private static long micros(VersionStatistics.Duration duration) {
        return TimeUnit.NANOSECONDS.toMicros(duration.nanos());
    }
}
