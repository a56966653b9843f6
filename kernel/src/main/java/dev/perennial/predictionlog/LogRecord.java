package dev.perennial.predictionlog;

/** One record of a segment: a prediction that was answered, or what a shadow variant said about one. All times are epoch millis. */
public sealed interface LogRecord permits PredictionRecord, ShadowRecord {
    /** The prediction id: the same for every record about one prediction, also when a caller asks again. */
    String id();

    /** The version that made the score of this record. */
    String version();

    /** What was known by then may have been used. */
    long predictedAt();

    /** When the predicted event happens. */
    long eventTime();
}
