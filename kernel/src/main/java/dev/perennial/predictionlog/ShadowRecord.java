package dev.perennial.predictionlog;

import org.jspecify.annotations.Nullable;

/**
 * What a shadow variant says about a prediction that another version answered.
 *
 * @param score NaN when it failed
 * @param error why it failed, or null
 * @param served the answer that the caller got
 */
public record ShadowRecord(
        String id,
        String version,
        long predictedAt,
        long eventTime,
        double score,
        @Nullable String error,
        PredictionRecord.Paired served)
        implements LogRecord {}
