package dev.perennial.tracking;

import java.util.List;

/**
 * A named collection of runs.
 *
 * @param project in which the name is unique
 */
public record Experiment(
        long id,
        String project,
        String name,
        String artifactLocation,
        Stage stage,
        long createdAt,
        long updatedAt,
        List<KeyValue> tags) {
    /** The experiment that takes runs which name none. */
    public static final long DEFAULT = 0;

    public Experiment {
        tags = List.copyOf(tags);
    }
}
