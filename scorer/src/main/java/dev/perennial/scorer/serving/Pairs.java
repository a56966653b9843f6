package dev.perennial.scorer.serving;

import dev.perennial.kernel.CrashPoint;
import dev.perennial.predictionlog.LogPolicy;
import dev.perennial.predictionlog.LogPolicy.Inputs;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.ShadowRecord;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.spool.Spool;
import dev.perennial.scoring.ModelFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The champion's scores of rows that a canary answered. Where both are our own trees the champion scores beside the canary, in microseconds;
 * every other pair is made after the answer, so that no caller waits for a model that does not answer. Thread-safe.
 */
final class Pairs {
    private final Afterwards after;
    private final Spool spool;
    private final LongAdder dropped;

    Pairs(Afterwards after, Spool spool, Metrics metrics) {
        this.after = after;
        this.spool = spool;
        this.dropped = metrics.counter("perennial_scorer_pairs_dropped_rows_total");
    }

    /** Whether the champion scores a canary's rows before they are answered. */
    static boolean inline(Endpoint endpoint, Variant canary) {
        return !endpoint.champion().foreign() && !canary.foreign();
    }

    /** Whether the champion's score of an answered row is still to come. */
    static boolean owed(PredictionRecord answered) {
        return answered.role() == Role.CANARY && answered.paired() == null;
    }

    /** Rows of which this many scores are lost. */
    void lost(long rows) {
        dropped.add(rows);
    }

    /** Queues the champion's share of answered rows; nothing is scored before the returned action is called. */
    Runnable offer(Serving serving, Endpoint endpoint, List<Instance> rows, List<PredictionRecord> answered) {
        LogPolicy policy = endpoint.log().policy();
        if (endpoint.canaries().isEmpty() || (policy != null && policy.inputs() == Inputs.NONE)) {
            return Afterwards.NOTHING;
        }
        List<Instance> owing = new ArrayList<>();
        List<PredictionRecord> answers = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            if (owed(answered.get(i))) {
                owing.add(rows.get(i));
                answers.add(answered.get(i));
            }
        }
        if (owing.isEmpty()) {
            return Afterwards.NOTHING;
        }
        var job = new Afterwards.Job(owing.size(), owing.size(), () -> score(endpoint, owing, answers));
        return after.offer(serving, endpoint, job, dropped);
    }

    /** Scores rows by the champion and logs its scores beside the canary's. */
    void score(Endpoint endpoint, List<Instance> rows, List<PredictionRecord> answers) {
        CrashPoint.hit("scorer-before-pair");
        List<Variant.Scored> scored = endpoint.champion().scoreAll(rows, endpoint.schema());
        List<LogRecord> pairs = new ArrayList<>(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            Instance row = rows.get(i);
            @Nullable ModelFailure failure = scored.get(i).failure();
            pairs.add(new ShadowRecord(
                    row.id(),
                    endpoint.championVersion(),
                    row.predictedAt(),
                    row.eventTime(),
                    scored.get(i).score(),
                    failure == null ? null : String.valueOf(failure.getMessage()),
                    new PredictionRecord.Paired(
                            answers.get(i).version(), answers.get(i).score()),
                    true));
        }
        spool.append(endpoint.name(), endpoint.form(), pairs);
    }
}
