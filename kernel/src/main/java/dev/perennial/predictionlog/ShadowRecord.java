package dev.perennial.predictionlog;

import org.jspecify.annotations.Nullable;

/**
 * What a shadow variant says about a prediction that another version answered, or what the champion says about a row that a canary answered.
 *
 * @param score NaN when it failed
 * @param error why it failed, or null
 * @param served the answer that the caller got
 * @param pair whether the champion scored a canary's row after its answer; readers of earlier releases see a shadow
 */
public record ShadowRecord(
        String id,
        String version,
        long predictedAt,
        long eventTime,
        double score,
        @Nullable String error,
        PredictionRecord.Paired served,
        boolean pair)
        implements LogRecord {

    /** What a shadow variant says. */
    public ShadowRecord(
            String id,
            String version,
            long predictedAt,
            long eventTime,
            double score,
            @Nullable String error,
            PredictionRecord.Paired served) {
        this(id, version, predictedAt, eventTime, score, error, served, false);
    }
}
