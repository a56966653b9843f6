package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.PredictionRecord.Failure;
import dev.perennial.predictionlog.PredictionRecord.Paired;
import dev.perennial.predictionlog.Role;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.spool.Spool;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.RunLimit;
import dev.perennial.tensors.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers rows: the split chooses champion or canary by key; a canary's row is scored by the champion too; a canary that fails is
 * replaced by the champion for that row. What is answered is logged first. Thread-safe.
 *
 * <p>Cost of a row beside the models: one SHA-256 where there is a canary, about 300 bytes of log, one write for each request.
 */
public final class Predictor {
    private final Router router;
    private final Spool spool;
    private final Shadows shadows;
    private final Metrics metrics;
    private final LongSupplier nanos;

    public Predictor(Router router, Spool spool, Shadows shadows, Metrics metrics) {
        this(router, spool, shadows, metrics, System::nanoTime);
    }

    /** @param nanos a clock that only ever grows */
    Predictor(Router router, Spool spool, Shadows shadows, Metrics metrics, LongSupplier nanos) {
        this.nanos = nanos;
        this.router = router;
        this.spool = spool;
        this.shadows = shadows;
        this.metrics = metrics;
    }

    /** @throws ModelFailure when the champion fails; nothing is logged then */
    public Outcome.Scored predict(Serving serving, Endpoint endpoint, List<Instance> rows) {
        List<PredictionRecord> records = new ArrayList<>(rows.size());
        List<Answer> answers = new ArrayList<>(rows.size());
        for (Instance row : rows) {
            PredictionRecord record = route(endpoint, row);
            records.add(record);
            answers.add(new Answer(row.id(), record.score(), record.version(), record.role()));
        }
        Runnable answered = shadows.offer(serving, endpoint, rows, records);
        boolean logged = spool.append(endpoint.name(), endpoint.schema().logColumns(), records);
        for (Answer answer : answers) {
            count(endpoint, answer);
        }
        return new Outcome.Scored(endpoint, answers, logged, answered);
    }

    /**
     * Runs the champion on tensors. Such calls are counted; they are not in the prediction log.
     *
     * @throws ModelFailure when the champion fails
     */
    public Outcome.Computed run(Endpoint endpoint, List<Tensor> inputs, RunLimit limit) {
        Variant champion = endpoint.champion();
        List<Tensor> outputs = champion.run(inputs, limit);
        count(endpoint, new Answer("", Double.NaN, champion.version(), Role.CHAMPION));
        return new Outcome.Computed(endpoint, champion.version(), outputs, () -> {});
    }

    /** Scores a row; nothing is logged yet. */
    PredictionRecord route(Endpoint endpoint, Instance row) {
        if (endpoint.canaries().isEmpty()) {
            return record(endpoint, row, champion(endpoint, row, false));
        }
        int bucket = Split.bucket(endpoint.config().salt(), row.id());
        boolean control = false;
        int from = 0;
        for (Variant canary : endpoint.canaries()) {
            int inside = bucket - from;
            if (inside >= 0 && canary.takes(inside)) {
                return record(endpoint, row, canary(endpoint, canary, row));
            }
            control |= !canary.fuse().blown() && inside >= canary.weight() && inside < 2 * canary.weight();
            from += canary.weight();
        }
        return record(endpoint, row, champion(endpoint, row, control));
    }

    private Choice champion(Endpoint endpoint, Instance row, boolean control) {
        long start = nanos.getAsLong();
        double score = endpoint.champion().score(row, endpoint.schema());
        return new Choice(
                endpoint.championVersion(), Role.CHAMPION, score, microsSince(start), control, null, null);
    }

    private long microsSince(long start) {
        return TimeUnit.NANOSECONDS.toMicros(nanos.getAsLong() - start);
    }

    private record Choice(
            String version,
            Role role,
            double score,
            long micros,
            boolean control,
            @Nullable Paired paired,
            @Nullable Failure failure) {}

    private Choice canary(Endpoint endpoint, Variant canary, Instance row) {
        Variant champion = endpoint.champion();
        double score;
        long start = nanos.getAsLong();
        try {
            score = canary.score(row, endpoint.schema());
            canary.fuse().success();
        } catch (ModelFailure e) {
            String error = String.valueOf(e.getMessage());
            canary.fuse().failure(row.id(), error).ifPresent(router::takeOut);
            long again = nanos.getAsLong();
            double instead = champion.score(row, endpoint.schema());
            return new Choice(
                    champion.version(),
                    Role.FALLBACK,
                    instead,
                    microsSince(again),
                    false,
                    null,
                    new Failure(canary.version(), error));
        }
        long micros = microsSince(start); // before the champion scores the same row
        double beside;
        try {
            beside = champion.score(row, endpoint.schema());
        } catch (ModelFailure e) {
            beside = Double.NaN; // counted by the variant; the canary's answer stands
        }
        return new Choice(
                canary.version(), Role.CANARY, score, micros, false, new Paired(champion.version(), beside), null);
    }

    private static PredictionRecord record(Endpoint endpoint, Instance row, Choice choice) {
        var answer =
                new PredictionRecord.Answer(choice.version, choice.role, choice.score, choice.control, choice.micros);
        var features = new LoggedFeatures(
                endpoint.schema().logColumns(), row.row().numbers(), row.row().texts());
        return new PredictionRecord(
                row.id(), answer, row.predictedAt(), row.eventTime(), features, choice.paired, choice.failure);
    }

    private void count(Endpoint endpoint, Answer answer) {
        endpoint.counter(metrics, answer).increment();
    }
}
