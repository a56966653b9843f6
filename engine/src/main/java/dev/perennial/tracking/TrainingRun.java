package dev.perennial.tracking;

import java.util.List;
import java.util.Map;

/**
 * A training that has ended, to be kept as a run.
 *
 * @param metrics single values, not above step 0; feature importance as {@code importance.FEATURE}
 * @param curves values by step
 * @param startedAt milliseconds since 1970
 */
public record TrainingRun(
        String name,
        Map<String, String> params,
        Map<String, Double> metrics,
        Map<String, List<Point>> curves,
        Map<String, String> tags,
        RunStatus status,
        long startedAt,
        long endedAt) {
    /** A point of a curve. */
    public record Point(long step, double value) {}

    public TrainingRun {
        params = Map.copyOf(params);
        metrics = Map.copyOf(metrics);
        curves = Map.copyOf(curves);
        tags = Map.copyOf(tags);
    }
}
