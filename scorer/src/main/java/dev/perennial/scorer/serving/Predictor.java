package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.spool.Spool;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.RunLimit;
import dev.perennial.tensors.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Answers rows: the split chooses champion or canary by key; a canary's row is scored by the champion too, beside it where both
 * are our own trees and after the answer otherwise; a canary that fails is
 * replaced by the champion for that row. What is answered is logged first. Thread-safe.
 *
 * <p>Cost of a row beside the models: one SHA-256 where there is a canary, about 300 bytes of log, one write for each request.
 */
public final class Predictor {
    /** Calls of fewer rows are scored together with those of others. */
    private static final int ALONE_MIN = 16;

    private final Router router;
    private final Spool spool;
    private final Shadows shadows;
    private final Metrics metrics;
    private final LongSupplier nanos;
    private final ColumnRun columns;
    private final TensorRun.Tools tensors;

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
        this.columns = new ColumnRun(spool, metrics, nanos);
        this.tensors = new TensorRun.Tools(router, spool, shadows, metrics, nanos);
    }

    /** @throws ModelFailure when the champion fails; nothing is logged then */
    public Outcome.Scored predict(Serving serving, Endpoint endpoint, List<Instance> rows) {
        return predict(serving, endpoint, new Payload.Rows(rows));
    }

    /** The same for rows that may name who calls. */
    Outcome.Scored predict(Serving serving, Endpoint endpoint, Payload.Rows called) {
        List<Instance> rows = called.rows();
        Outcome.Scored together = columns.run(endpoint, rows);
        return together == null ? predict(serving, endpoint, rows, called.key()) : together;
    }

    private Outcome.Scored predict(Serving serving, Endpoint endpoint, List<Instance> rows, @Nullable String key) {
        List<PredictionRecord> records = new ArrayList<>(rows.size());
        for (Instance row : rows) {
            try {
                records.add(route(endpoint, row, key));
            } catch (ModelFailure e) {
                failed(endpoint, row, key, e);
                throw e;
            }
        }
        return answered(serving, endpoint, rows, records);
    }

    private Outcome.Scored answered(
            Serving serving, Endpoint endpoint, List<Instance> rows, List<PredictionRecord> records) {
        List<Answer> answers = new ArrayList<>(records.size());
        for (PredictionRecord record : records) {
            answers.add(Answer.of(record));
        }
        Runnable answered = shadows.offer(serving, endpoint, rows, records);
        List<PredictionRecord> kept = endpoint.log()
                .kept(records, Shadows.wanted(endpoint), !endpoint.canaries().isEmpty());
        boolean logged = spool.append(endpoint.name(), endpoint.form(), records, kept) && kept.size() == records.size();
        for (Answer answer : answers) {
            count(endpoint, answer);
        }
        return new Outcome.Scored(endpoint, answers, logged, answered);
    }

    /** A row that nobody could answer counts against the version that was drawn for it, where versions are compared by such calls. */
    private void failed(Endpoint endpoint, Instance row, @Nullable String key, ModelFailure failure) {
        if (endpoint.halved()) {
            Split.Choice choice = endpoint.choose(row, key);
            PredictionRecord record = Routed.failed(endpoint, choice, String.valueOf(failure.getMessage()))
                    .record(endpoint, row);
            List<PredictionRecord> kept = endpoint.log().kept(List.of(record), true, true);
            if (!kept.isEmpty()) {
                spool.append(endpoint.name(), endpoint.form(), kept);
            }
        }
    }

    /** Rows of one call among several that are scored together. */
    record RowsCall(
            Call call, List<Instance> rows, @Nullable String key) {}

    /** Answers the rows of several calls together; each has its own end, in the order of the calls. */
    List<Outcome> predictAll(Serving serving, Endpoint endpoint, List<RowsCall> calls) {
        @Nullable Outcome[] outcomes = new @Nullable Outcome[calls.size()];
        List<RowsCall> joined = new ArrayList<>();
        for (int i = 0; i < outcomes.length; i++) {
            List<Instance> rows = calls.get(i).rows();
            outcomes[i] = rows.size() < ALONE_MIN ? null : columns.run(endpoint, rows);
            if (outcomes[i] == null) {
                joined.add(calls.get(i));
            }
        }
        Iterator<Outcome> rest = joined.isEmpty()
                ? Collections.emptyIterator()
                : rowByRow(serving, endpoint, joined).iterator();
        return Stream.of(outcomes)
                .map(outcome -> outcome == null ? rest.next() : outcome)
                .toList();
    }

    private List<Outcome> rowByRow(Serving serving, Endpoint endpoint, List<RowsCall> calls) {
        BatchRun run = new BatchRun(router, endpoint, nanos);
        calls.forEach(call -> run.add(call.rows(), call.key()));
        run.score();
        List<Outcome> outcomes = new ArrayList<>(calls.size());
        for (int i = 0; i < calls.size(); i++) {
            ModelFailure failure = run.failure(i);
            if (failure == null) {
                RowsCall call = calls.get(i);
                outcomes.add(answered(serving, endpoint, call.rows(), run.records(i)));
            } else {
                Instance row = run.failedRow(i);
                if (row != null) {
                    failed(endpoint, row, calls.get(i).key(), failure);
                }
                outcomes.add(Inference.failed(endpoint, failure));
            }
        }
        return outcomes;
    }

    /**
     * Answers rows by one version, whatever the split would choose. Such answers are counted, but they are in no prediction log, because
     * nobody drew that version for these keys and comparisons of versions rest on the draw. The only version of an endpoint is no choice,
     * and is logged as ever.
     *
     * @throws ModelFailure when that version fails
     */
    Outcome.Scored forced(Serving serving, Endpoint endpoint, Variant variant, List<Instance> rows) {
        if (variant == endpoint.champion() && endpoint.canaries().isEmpty()) {
            return predict(serving, endpoint, rows);
        }
        List<Answer> answers = new ArrayList<>(rows.size());
        for (Instance row : rows) {
            double score = variant.score(row, endpoint.schema());
            answers.add(new Answer(row.id(), score, variant.version(), role(endpoint, variant)));
        }
        for (Answer answer : answers) {
            count(endpoint, answer);
        }
        return new Outcome.Scored(endpoint, answers, false, () -> {});
    }

    private static Role role(Endpoint endpoint, Variant variant) {
        return variant == endpoint.champion() ? Role.CHAMPION : Role.CANARY;
    }

    /**
     * Runs a version on tensors, whatever the split would choose. Such calls are counted; they are in no tally of a rollout.
     *
     * @throws ModelFailure when it fails
     */
    Outcome.Computed run(Endpoint endpoint, Variant variant, List<Tensor> inputs, RunLimit limit) {
        try {
            return computed(endpoint, variant, variant.run(inputs, limit));
        } catch (ModelFailure e) {
            if (variant != endpoint.champion()) {
                throw e;
            }
            Fallback fallback = Fallback.replacing(endpoint, e);
            List<Tensor> outputs = fallback.run(variant, inputs, limit, e);
            count(endpoint, new Answer("", Double.NaN, fallback.name(), Role.FALLBACK));
            return new Outcome.Computed(endpoint, fallback.name(), outputs, true, () -> {});
        }
    }

    /** Tensors of one call among several. */
    record TensorsCall(Call call, Payload.Tensors asked) {}

    /** Runs calls of tensors by the versions that are drawn for them, together where they are alike; each has its own end, in their order. */
    List<Outcome> run(Serving serving, Endpoint endpoint, List<TensorsCall> calls) {
        return new TensorRun(tensors, serving, endpoint).run(calls);
    }

    private Outcome.Computed computed(Endpoint endpoint, Variant version, List<Tensor> outputs) {
        count(endpoint, new Answer("", Double.NaN, version.version(), role(endpoint, version)));
        return new Outcome.Computed(endpoint, version.version(), outputs, () -> {});
    }

    /** Scores a row; nothing is logged yet. */
    PredictionRecord route(Endpoint endpoint, Instance row) {
        return route(endpoint, row, null);
    }

    private PredictionRecord route(Endpoint endpoint, Instance row, @Nullable String key) {
        Split.Choice choice = endpoint.choose(row, key);
        Variant canary = choice.canary();
        if (canary != null) {
            return canary(endpoint, canary, row).record(endpoint, row);
        }
        return champion(endpoint, row, choice.control()).record(endpoint, row);
    }

    private Routed champion(Endpoint endpoint, Instance row, boolean control) {
        long start = nanos.getAsLong();
        try {
            double score = endpoint.champion().score(row, endpoint.schema());
            return Routed.champion(endpoint, score, microsSince(start), control);
        } catch (ModelFailure e) {
            return instead(endpoint, row, e, nanos);
        }
    }

    /** @throws ModelFailure the champion's own, when the endpoint falls back to nothing or that fails too */
    static Routed instead(Endpoint endpoint, Instance row, ModelFailure failure, LongSupplier nanos) {
        Fallback fallback = Fallback.replacing(endpoint, failure);
        long start = nanos.getAsLong();
        double score;
        try {
            score = fallback.score(row, endpoint.schema());
        } catch (ModelFailure e) {
            failure.addSuppressed(e);
            throw failure;
        }
        long micros = TimeUnit.NANOSECONDS.toMicros(nanos.getAsLong() - start);
        return Routed.instead(endpoint, fallback, String.valueOf(failure.getMessage()), score, micros);
    }

    private long microsSince(long start) {
        return TimeUnit.NANOSECONDS.toMicros(nanos.getAsLong() - start);
    }

    private Routed canary(Endpoint endpoint, Variant canary, Instance row) {
        Variant champion = endpoint.champion();
        double score;
        long start = nanos.getAsLong();
        try {
            score = canary.score(row, endpoint.schema());
            canary.fuse().success();
        } catch (ModelFailure e) {
            String error = String.valueOf(e.getMessage());
            if (e.kind() != ModelFailure.Kind.INPUT) {
                canary.fuse().failure(row.id(), error).ifPresent(blown -> router.takeOut(blown));
            }
            long again = nanos.getAsLong();
            try {
                double instead = champion.score(row, endpoint.schema());
                return Routed.fallback(endpoint, canary, error, instead, microsSince(again));
            } catch (ModelFailure both) {
                return instead(endpoint, row, both, nanos);
            }
        }
        long micros = microsSince(start); // before the champion scores the same row
        if (!Pairs.inline(endpoint, canary)) {
            return Routed.alone(canary, score, micros);
        }
        double beside;
        try {
            beside = champion.score(row, endpoint.schema());
        } catch (ModelFailure e) {
            beside = Double.NaN; // counted by the variant; the canary's answer stands
        }
        return Routed.canary(endpoint, canary, score, micros, beside);
    }

    /** A version could not answer a request, and it was not the caller's fault. */
    void failed(Endpoint endpoint, String version) {
        spool.failed(endpoint.name(), version);
    }

    private void count(Endpoint endpoint, Answer answer) {
        endpoint.counter(metrics, answer).increment();
    }
}
