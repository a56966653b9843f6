package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.PredictionRecord.Failure;
import dev.perennial.predictionlog.PredictionRecord.Paired;
import dev.perennial.predictionlog.Role;
import org.jspecify.annotations.Nullable;

/**
 * Who answered a row, and with what.
 *
 * @param micros what the version that answered took for it
 * @param paired the champion's score beside a candidate's; null for others, and where it comes after the answer
 * @param failure the candidate that could not answer
 */
record Routed(
        String version,
        Role role,
        double score,
        long micros,
        boolean control,
        @Nullable Paired paired,
        @Nullable Failure failure) {
    /** The champion's own answer. */
    static Routed champion(Endpoint endpoint, double score, long micros, boolean control) {
        return new Routed(endpoint.championVersion(), Role.CHAMPION, score, micros, control, null, null);
    }

    /** @param beside the champion's score of the same row; NaN when it failed */
    static Routed canary(Endpoint endpoint, Variant canary, double score, long micros, double beside) {
        Paired paired = new Paired(endpoint.championVersion(), beside);
        return new Routed(canary.version(), Role.CANARY, score, micros, false, paired, null);
    }

    /** A candidate's answer to a row that the champion scores later. */
    static Routed alone(Variant canary, double score, long micros) {
        return new Routed(canary.version(), Role.CANARY, score, micros, false, null, null);
    }

    /** The champion's answer in place of a candidate that failed. */
    static Routed fallback(Endpoint endpoint, Variant canary, String error, double score, long micros) {
        Failure failure = new Failure(canary.version(), error);
        return new Routed(endpoint.championVersion(), Role.FALLBACK, score, micros, false, null, failure);
    }

    /** Nobody's answer: the champion failed, alone or in place of the candidate that was drawn. */
    static Routed failed(Endpoint endpoint, Split.Choice choice, String error) {
        Variant canary = choice.canary();
        String drawn = canary == null ? endpoint.championVersion() : canary.version();
        return new Routed(
                endpoint.championVersion(),
                canary == null ? Role.CHAMPION : Role.FALLBACK,
                Double.NaN,
                0,
                choice.control(),
                null,
                new Failure(drawn, error));
    }

    /** The answer of what the endpoint falls back to, in place of its champion. */
    static Routed instead(Endpoint endpoint, Fallback fallback, String error, double score, long micros) {
        String champion = endpoint.championVersion();
        Variant variant = fallback.variant();
        Failure failure = new Failure(champion, error);
        return new Routed(
                variant == null ? champion : variant.version(), Role.FALLBACK, score, micros, false, null, failure);
    }

    /** What is logged of it. */
    PredictionRecord record(Endpoint endpoint, Instance row) {
        var answer = new PredictionRecord.Answer(version, role, score, control, micros);
        var features = new LoggedFeatures(
                endpoint.schema().logColumns(), row.row().numbers(), row.row().texts());
        return new PredictionRecord(row.id(), answer, row.predictedAt(), row.eventTime(), features, paired, failure);
    }
}
