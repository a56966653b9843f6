package dev.perennial.predictionlog;

import org.jspecify.annotations.Nullable;

/**
 * A prediction that a caller received.
 *
 * @param answer what the caller got
 * @param features the values that the model was given
 * @param paired what the champion says about the same row, for a row that the canary answered; null otherwise
 * @param failure which version failed and why, for a fallback; null otherwise
 * @param kept with which probability it is in the log
 */
public record PredictionRecord(
        String id,
        Answer answer,
        long predictedAt,
        long eventTime,
        LoggedFeatures features,
        @Nullable Paired paired,
        @Nullable Failure failure,
        Kept kept)
        implements LogRecord {

    /** Of a log that holds every row. */
    public PredictionRecord(
            String id,
            Answer answer,
            long predictedAt,
            long eventTime,
            LoggedFeatures features,
            @Nullable Paired paired,
            @Nullable Failure failure) {
        this(id, answer, predictedAt, eventTime, features, paired, failure, Kept.ALWAYS);
    }

    /** The same with other features and another probability, as a policy wants them. */
    public PredictionRecord with(LoggedFeatures other, Kept how) {
        return new PredictionRecord(id, answer, predictedAt, eventTime, other, paired, failure, how);
    }

    @Override
    public String version() {
        return answer.version();
    }

    public Role role() {
        return answer.role();
    }

    public double score() {
        return answer.score();
    }

    /**
     * @param control the champion answered a row of the bucket range that is as large as the canary's: the fair comparison
     * @param latencyMicros what the version that answered took to compute this row, without another that scored the row beside it; of
     *     rows that were scored together their mean; in
     *     logs of earlier releases: from the whole request read to the record written
     */
    public record Answer(String version, Role role, double score, boolean control, long latencyMicros) {}

    /** The score of another version for the same row; NaN when that version failed. */
    public record Paired(String version, double score) {}

    public record Failure(String version, String error) {}
}
