package dev.perennial.scorer.serving;

import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.CallTally;
import dev.perennial.predictionlog.LogPolicy;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Segment;
import dev.perennial.predictionlog.ShadowRecord;
import dev.perennial.scorer.Lanes;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.spool.Spool;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Scores copies of answered rows and tensors by the shadow variants, after the answer and in a lane of the endpoint; under pressure copies
 * are dropped and counted. After a kill the copies of rows that were still owed are scored from the log; tensors are in no log, and their
 * copies are lost. Thread-safe.
 */
public final class Shadows {
    /** A copy of tensors waits as one row for each of so many bytes. */
    private static final int BYTES_OF_A_ROW = 1_024;

    private final Lanes lanes;
    private final Spool spool;
    private final Router router;
    private final LongAdder dropped;
    private final Afterwards after;
    private final Pairs pairs;

    public Shadows(Lanes lanes, Spool spool, Router router, Metrics metrics) {
        this.lanes = lanes;
        this.spool = spool;
        this.router = router;
        this.dropped = metrics.counter("perennial_scorer_shadow_dropped_rows_total");
        metrics.gauge("perennial_scorer_shadow_waiting_rows", lanes::rowsWaiting);
        this.after = new Afterwards(lanes);
        this.pairs = new Pairs(after, spool, metrics);
    }

    /** Whether answered rows of an endpoint are scored by shadow variants too. */
    static boolean wanted(Endpoint endpoint) {
        return !live(endpoint).isEmpty();
    }

    /** Queues copies, and what the champion still has to say of a canary's rows; nothing is scored before the returned action is called. */
    Runnable offer(Serving serving, Endpoint endpoint, List<Instance> rows, List<PredictionRecord> records) {
        Runnable paired = pairs.offer(serving, endpoint, rows, records);
        List<Variant> live = live(endpoint);
        if (live.isEmpty()) {
            return paired;
        }
        long copies = (long) rows.size() * live.size();
        var job = new Afterwards.Job(copies, copies, () -> score(endpoint, live, rows, records));
        Runnable copied = after.offer(serving, endpoint, job, dropped);
        return () -> {
            paired.run();
            copied.run();
        };
    }

    /** Queues copies of a call of tensors. What they take of the lane grows with their bytes. */
    Runnable offer(Serving serving, Endpoint endpoint, List<Tensor> inputs) {
        List<Variant> live = endpoint.tallied() ? live(endpoint) : List.of();
        if (live.isEmpty()) {
            return Afterwards.NOTHING;
        }
        long rows = TensorRun.rows(inputs);
        long weight = Math.max(rows, bytes(inputs) / BYTES_OF_A_ROW);
        var job = new Afterwards.Job(
                weight * live.size(),
                rows * live.size(),
                () -> live.forEach(shadow -> copy(endpoint, shadow, inputs, rows)));
        return after.offer(serving, endpoint, job, dropped);
    }

    private static List<Variant> live(Endpoint endpoint) {
        List<Variant> shadows = endpoint.shadows();
        return shadows.isEmpty() ? shadows : shadows.stream()
                .filter(shadow -> !shadow.fuse().blown())
                .toList();
    }

    private static long bytes(List<Tensor> inputs) {
        long bytes = 0;
        for (Tensor input : inputs) {
            bytes += input.raw().remaining();
            if (input.type() == DataType.BYTES) {
                for (int i = 0; i < input.elements(); i++) {
                    bytes += input.string(i).length;
                }
            }
        }
        return bytes;
    }

    private void copy(Endpoint endpoint, Variant shadow, List<Tensor> inputs, long rows) {
        if (shadow.fuse().blown()) {
            return;
        }
        @Nullable String error = null;
        try {
            if (!TensorRun.speaks(endpoint, shadow)) {
                throw TensorRun.other(endpoint, shadow);
            }
            shadow.run(inputs, RunLimit.NONE);
            shadow.fuse().success();
        } catch (ModelFailure | PerennialException e) {
            error = String.valueOf(e.getMessage());
            shadow.fuse().failure("", error).ifPresent(router::takeOut);
        }
        var counts = new CallTally.Counts(1, rows, error == null ? 0 : 1, 0);
        spool.called(
                endpoint.name(),
                endpoint.form(),
                new CallTally(0, shadow.version(), CallTally.Group.CANDIDATE, counts, CallTally.Times.NONE));
    }

    private void score(Endpoint endpoint, List<Variant> live, List<Instance> rows, List<PredictionRecord> records) {
        CrashPoint.hit("scorer-before-shadow");
        List<LogRecord> shadows = new ArrayList<>(rows.size() * live.size());
        for (Variant shadow : live) {
            for (int i = 0; i < rows.size() && !shadow.fuse().blown(); i++) {
                shadows.add(score(endpoint, shadow, rows.get(i), records.get(i)));
            }
        }
        if (!shadows.isEmpty()) {
            spool.append(endpoint.name(), endpoint.form(), shadows);
        }
    }

    private ShadowRecord score(Endpoint endpoint, Variant shadow, Instance row, PredictionRecord served) {
        var answer = new PredictionRecord.Paired(served.version(), served.score());
        double score = Double.NaN;
        @Nullable String error = null;
        try {
            score = shadow.score(row, endpoint.schema());
            shadow.fuse().success();
        } catch (ModelFailure e) {
            error = String.valueOf(e.getMessage());
            shadow.fuse().failure(row.id(), error).ifPresent(router::takeOut);
        }
        return new ShadowRecord(row.id(), shadow.version(), row.predictedAt(), row.eventTime(), score, error, answer);
    }

    /** Scores what the run before this one owed: predictions in its open segments that a shadow variant has no record of. */
    public void recover() {
        Set<String> done = new HashSet<>();
        for (Segment segment : spool.leftSinceOpen()) {
            for (LogRecord record : segment) {
                if (record instanceof ShadowRecord shadow) {
                    done.add(segment.header().endpoint() + " " + shadow.version() + " " + shadow.id());
                }
            }
        }
        for (Segment segment : spool.leftOpen()) {
            LogPolicy policy = segment.header().policy();
            if (policy != null && !policy.keepsValues()) {
                lost(segment);
                continue;
            }
            for (LogRecord record : segment) {
                if (record instanceof PredictionRecord prediction) {
                    recover(segment.header().endpoint(), prediction, done);
                }
            }
        }
        spool.sealLeft();
    }

    /** Rows were logged without the values that another score would need. */
    private void lost(Segment segment) {
        dropped.add(segment.count());
        for (LogRecord record : segment) {
            if (record instanceof PredictionRecord prediction && Pairs.owed(prediction)) {
                pairs.lost(1);
            }
        }
    }

    private void recover(String name, PredictionRecord prediction, Set<String> done) {
        Serving serving = router.lease();
        Endpoint endpoint = serving.endpoint(name);
        List<Variant> owed = endpoint == null
                ? List.of()
                : endpoint.shadows().stream()
                        .filter(shadow -> done.add(name + " " + shadow.version() + " " + prediction.id()))
                        .toList();
        boolean pair = endpoint != null && owesPair(endpoint, prediction, done);
        if (endpoint == null || (owed.isEmpty() && !pair)) {
            serving.close();
            return;
        }
        Instance row = instance(endpoint.schema().union(), prediction);
        lanes.barrier(name, () -> {
            try (serving) {
                if (pair) {
                    pairs.score(endpoint, List.of(row), List.of(prediction));
                }
                if (!owed.isEmpty()) {
                    score(endpoint, owed, List.of(row), List.of(prediction));
                }
            }
        });
    }

    /** Whether a canary that is one still answered it, and the champion did not come to score it. */
    private static boolean owesPair(Endpoint endpoint, PredictionRecord prediction, Set<String> done) {
        return Pairs.owed(prediction)
                && endpoint.canaries().stream()
                        .anyMatch(canary -> canary.version().equals(prediction.version()))
                && done.add(endpoint.name() + " " + endpoint.championVersion() + " " + prediction.id());
    }

    private static Instance instance(Signature union, PredictionRecord prediction) {
        LoggedFeatures features = prediction.features();
        Row row = new Row(union.size());
        boolean[] given = new boolean[union.size()];
        for (int i = 0; i < features.columns().size(); i++) {
            int at = union.position(features.columns().get(i).name());
            if (at >= 0 && union.column(at).type() == features.columns().get(i).type()) {
                Column column = union.column(at);
                row.number(at, features.number(i));
                row.text(at, features.text(i));
                given[at] = !features.missing(i) || column.required();
            }
        }
        return new Instance(prediction.id(), prediction.predictedAt(), prediction.eventTime(), row, given);
    }
}
