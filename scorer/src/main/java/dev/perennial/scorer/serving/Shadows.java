package dev.perennial.scorer.serving;

import dev.perennial.kernel.CrashPoint;
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
import dev.perennial.scoring.Signature;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Scores copies of answered rows by the shadow variants, after the answer and in a lane of the endpoint; under pressure copies are dropped
 * and counted. After a kill the copies that were still owed are scored from the log. Thread-safe.
 */
public final class Shadows {
    private static final long ANSWER_SECONDS_MAX = 10;
    private static final Runnable NOTHING = () -> {};

    private final Lanes lanes;
    private final Spool spool;
    private final Router router;
    private final LongAdder dropped;

    public Shadows(Lanes lanes, Spool spool, Router router, Metrics metrics) {
        this.lanes = lanes;
        this.spool = spool;
        this.router = router;
        this.dropped = metrics.counter("perennial_scorer_shadow_dropped_rows_total");
        metrics.gauge("perennial_scorer_shadow_waiting_rows", lanes::rowsWaiting);
    }

    /** Whether answered rows of an endpoint are scored by shadow variants too. */
    static boolean wanted(Endpoint endpoint) {
        return endpoint.shadows().stream().anyMatch(shadow -> !shadow.fuse().blown());
    }

    /** Queues copies; nothing is scored before the returned action is called. */
    Runnable offer(Serving serving, Endpoint endpoint, List<Instance> rows, List<PredictionRecord> records) {
        List<Variant> live = endpoint.shadows().stream()
                .filter(shadow -> !shadow.fuse().blown())
                .toList();
        if (live.isEmpty() || !serving.lease()) {
            return NOTHING;
        }
        CountDownLatch answered = new CountDownLatch(1);
        boolean taken = lanes.offer(endpoint.name(), rows.size() * live.size(), () -> {
            try (serving) {
                await(answered);
                score(endpoint, live, rows, records);
            }
        });
        if (!taken) {
            serving.close();
            dropped.add((long) rows.size() * live.size());
            return NOTHING;
        }
        return answered::countDown;
    }

    private static void await(CountDownLatch answered) {
        try {
            if (!answered.await(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a request was not answered within " + ANSWER_SECONDS_MAX + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
                dropped.add(segment.count());
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

    private void recover(String name, PredictionRecord prediction, Set<String> done) {
        Serving serving = router.lease();
        Endpoint endpoint = serving.endpoint(name);
        List<Variant> owed = endpoint == null
                ? List.of()
                : endpoint.shadows().stream()
                        .filter(shadow -> done.add(name + " " + shadow.version() + " " + prediction.id()))
                        .toList();
        if (endpoint == null || owed.isEmpty()) {
            serving.close();
            return;
        }
        Instance row = instance(endpoint.schema().union(), prediction);
        lanes.barrier(name, () -> {
            try (serving) {
                score(endpoint, owed, List.of(row), List.of(prediction));
            }
        });
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
