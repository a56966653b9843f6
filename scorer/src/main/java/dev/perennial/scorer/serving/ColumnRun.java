package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.ChampionBatch;
import dev.perennial.predictionlog.LogPolicy;
import dev.perennial.predictionlog.Role;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.spool.Spool;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;
import dev.perennial.tensors.Tensor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Scores rows that lie in columns, where nobody but the champion has a say: no candidate, no halves, no shadow, a model of our own, and a
 * log that holds every row whole or none. What is answered and logged is what the way row by row answers and logs. Thread-safe.
 */
final class ColumnRun {
    private final Spool spool;
    private final Metrics metrics;
    private final LongSupplier nanos;

    ColumnRun(Spool spool, Metrics metrics, LongSupplier nanos) {
        this.spool = spool;
        this.metrics = metrics;
        this.nanos = nanos;
    }

    /** Null when the rows have to be gone through one by one; nothing was counted or logged then. */
    Outcome.@Nullable Scored run(Endpoint endpoint, List<Instance> instances) {
        if (!(instances instanceof ColumnRows rows) || !possible(endpoint)) {
            return null;
        }
        ChampionBatch batch = scored(endpoint, rows);
        if (batch == null) {
            return null;
        }
        boolean kept = endpoint.log().policy() == null;
        boolean logged = spool.append(endpoint.name(), endpoint.form(), batch, kept) && kept;
        endpoint.counter(metrics, batch.version(), Role.CHAMPION).add(batch.rows());
        ColumnAnswers answers = new ColumnAnswers(rows, batch.version(), batch.scores());
        return new Outcome.Scored(endpoint, answers, logged, () -> {});
    }

    /** Null when the champion fails, for one row perhaps. */
    @Nullable
    ChampionBatch scored(Endpoint endpoint, ColumnRows rows) {
        long start = nanos.getAsLong();
        double[] scores = scores(endpoint.champion(), rows);
        long micros = TimeUnit.NANOSECONDS.toMicros(nanos.getAsLong() - start) / rows.size();
        return scores.length != rows.size()
                ? null
                : new ChampionBatch(
                        rows.ids(),
                        endpoint.championVersion(),
                        rows.millis(),
                        micros,
                        endpoint.schema().logColumns(),
                        rows.numbers(),
                        scores);
    }

    /** Whether the champion alone answers and what it answers is logged whole or not at all. */
    static boolean possible(Endpoint endpoint) {
        LogPolicy policy = endpoint.log().policy();
        boolean allOrNothing = policy == null || policy.inputs() == LogPolicy.Inputs.NONE || policy.share() <= 0;
        return allOrNothing
                && endpoint.canaries().isEmpty()
                && !endpoint.halved()
                && !Shadows.wanted(endpoint)
                && !endpoint.champion().foreign();
    }

    /** Nothing when the champion fails, for one row perhaps. */
    private static double[] scores(Variant champion, ColumnRows rows) {
        Signature signature = champion.signature();
        List<Tensor> columns = rows.tensors().stream()
                .filter(tensor -> signature.position(tensor.name()) >= 0)
                .toList();
        try {
            double[] scores =
                    champion.model().run(columns, RunLimit.NONE).getFirst().numbers();
            for (double score : scores) {
                if (!Double.isFinite(score)) {
                    return ChampionBatch.NONE;
                }
            }
            return scores;
        } catch (ModelFailure e) {
            return ChampionBatch.NONE; // told and counted by the way row by row
        }
    }
}
