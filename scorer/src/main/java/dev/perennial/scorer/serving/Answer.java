package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;

/** What a caller gets for one row. */
public record Answer(String id, double score, String version, Role role) {
    /** What answers for a version that is no version: the endpoint's constant. */
    static final String CONSTANT = "constant";

    /** The answer to a row as it is logged. */
    static Answer of(PredictionRecord record) {
        PredictionRecord.Failure failure = record.failure();
        boolean constant = record.role() == Role.FALLBACK
                && failure != null
                && failure.version().equals(record.version());
        return new Answer(record.id(), record.score(), constant ? CONSTANT : record.version(), record.role());
    }

    public boolean fallback() {
        return role == Role.FALLBACK;
    }
}
