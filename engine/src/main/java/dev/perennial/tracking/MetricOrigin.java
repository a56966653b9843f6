package dev.perennial.tracking;

import org.jspecify.annotations.Nullable;

/** What a value of a metric was measured for: a logged model, a dataset, or both. */
public record MetricOrigin(
        @Nullable String model,
        @Nullable String datasetName,
        @Nullable String datasetDigest) {
    /** Empty texts are absent; nothing at all is null. */
    public static @Nullable MetricOrigin of(
            @Nullable String model, @Nullable String datasetName, @Nullable String datasetDigest) {
        MetricOrigin origin = new MetricOrigin(filled(model), filled(datasetName), filled(datasetDigest));
        return origin.model == null && origin.datasetName == null && origin.datasetDigest == null ? null : origin;
    }

    private static @Nullable String filled(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}
