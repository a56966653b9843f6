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

    public Predictor(Router router, Spool spool, Shadows shadows, Metrics metrics) {
        this.router = router;
        this.spool = spool;
        this.shadows = shadows;
        this.metrics = metrics;
    }

    /**
     * @param since {@link System#nanoTime} when the request was whole
     * @throws ModelFailure when the champion fails; nothing is logged then
     */
    public Outcome.Scored predict(Serving serving, Endpoint endpoint, List<Instance> rows, long since) {
        List<PredictionRecord> records = new ArrayList<>(rows.size());
        List<Answer> answers = new ArrayList<>(rows.size());
        for (Instance row : rows) {
            PredictionRecord record = route(endpoint, row, since);
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
     * Answers rows by one version, whatever the split would choose. Such answers are counted, but they are in no prediction log, because
     * nobody drew that version for these keys and comparisons of versions rest on the draw. The only version of an endpoint is no choice,
     * and is logged as ever.
     *
     * @throws ModelFailure when that version fails
     */
    Outcome.Scored forced(Serving serving, Endpoint endpoint, Variant variant, List<Instance> rows, long since) {
        boolean only = variant == endpoint.champion() && endpoint.canaries().isEmpty();
        if (only) {
            return predict(serving, endpoint, rows, since);
        }
        Role role = variant == endpoint.champion() ? Role.CHAMPION : Role.CANARY;
        List<Answer> answers = new ArrayList<>(rows.size());
        for (Instance row : rows) {
            answers.add(new Answer(row.id(), variant.score(row, endpoint.schema()), variant.version(), role));
        }
        for (Answer answer : answers) {
            count(endpoint, answer);
        }
        return new Outcome.Scored(endpoint, answers, false, () -> {});
    }

    /**
     * Runs a version on tensors. Such calls are counted; they are not in the prediction log.
     *
     * @throws ModelFailure when it fails
     */
    Outcome.Computed run(Endpoint endpoint, Variant variant, List<Tensor> inputs, RunLimit limit) {
        List<Tensor> outputs = variant.run(inputs, limit);
        Role role = variant == endpoint.champion() ? Role.CHAMPION : Role.CANARY;
        count(endpoint, new Answer("", Double.NaN, variant.version(), role));
        return new Outcome.Computed(endpoint, variant.version(), outputs, () -> {});
    }

    private PredictionRecord route(Endpoint endpoint, Instance row, long since) {
        if (endpoint.canaries().isEmpty()) {
            double score = endpoint.champion().score(row, endpoint.schema());
            return record(
                    endpoint,
                    row,
                    new Choice(endpoint.championVersion(), Role.CHAMPION, score, false, null, null),
                    since);
        }
        int bucket = Split.bucket(endpoint.config().salt(), row.id());
        boolean control = false;
        int from = 0;
        for (Variant canary : endpoint.canaries()) {
            int inside = bucket - from;
            if (inside >= 0 && canary.takes(inside)) {
                return record(endpoint, row, canary(endpoint, canary, row), since);
            }
            control |= !canary.fuse().blown() && inside >= canary.weight() && inside < 2 * canary.weight();
            from += canary.weight();
        }
        double score = endpoint.champion().score(row, endpoint.schema());
        return record(
                endpoint,
                row,
                new Choice(endpoint.championVersion(), Role.CHAMPION, score, control, null, null),
                since);
    }

    private record Choice(
            String version,
            Role role,
            double score,
            boolean control,
            @Nullable Paired paired,
            @Nullable Failure failure) {}

    private Choice canary(Endpoint endpoint, Variant canary, Instance row) {
        Variant champion = endpoint.champion();
        double score;
        try {
            score = canary.score(row, endpoint.schema());
            canary.fuse().success();
        } catch (ModelFailure e) {
            String error = String.valueOf(e.getMessage());
            canary.fuse().failure(row.id(), error).ifPresent(router::takeOut);
            double instead = champion.score(row, endpoint.schema());
            return new Choice(
                    champion.version(), Role.FALLBACK, instead, false, null, new Failure(canary.version(), error));
        }
        double beside;
        try {
            beside = champion.score(row, endpoint.schema());
        } catch (ModelFailure e) {
            beside = Double.NaN; // counted by the variant; the canary's answer stands
        }
        return new Choice(canary.version(), Role.CANARY, score, false, new Paired(champion.version(), beside), null);
    }

    private static PredictionRecord record(Endpoint endpoint, Instance row, Choice choice, long since) {
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - since);
        var answer = new PredictionRecord.Answer(choice.version, choice.role, choice.score, choice.control, micros);
        var features = new LoggedFeatures(
                endpoint.schema().logColumns(), row.row().numbers(), row.row().texts());
        return new PredictionRecord(
                row.id(), answer, row.predictedAt(), row.eventTime(), features, choice.paired, choice.failure);
    }

    private void count(Endpoint endpoint, Answer answer) {
        endpoint.counter(metrics, answer).increment();
    }
}
