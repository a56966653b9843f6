package dev.perennial.tracking;

import dev.perennial.store.Reals;
import dev.perennial.store.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** What values were measured for, in SQL. Few values say so, hence a table of its own. */
final class MetricOrigins {
    private MetricOrigins() {}

    static void insert(Transaction tx, long run, List<Metric> metrics) {
        List<Metric> told =
                metrics.stream().filter(metric -> metric.origin() != null).toList();
        if (told.isEmpty()) {
            return;
        }
        keepPlain(tx, run, told);
        insertTold(tx, run, told);
    }

    /** As {@link #insert} of values that another server has told for models alone; each has an origin. */
    static void insertTold(Transaction tx, long run, List<Metric> told) {
        PreparedBatch batch = tx.sql()
                .prepareBatch(
                        "insert into run_metric_origin (run, step, at, key, value, value_nan, model_id, dataset_name,"
                                + " dataset_digest) values (:run, :step, :at, :key, :value, :value_nan, :model, :name, :digest)"
                                + " on conflict do nothing");
        for (Metric metric : told) {
            MetricOrigin origin = java.util.Objects.requireNonNull(metric.origin());
            batch.bind("run", run)
                    .bind("step", metric.step())
                    .bind("at", metric.at())
                    .bind("key", metric.key())
                    .bind("value", Reals.stored(metric.value()))
                    .bind("value_nan", Reals.flag(metric.value()))
                    .bind("model", text(origin.model()))
                    .bind("name", text(origin.datasetName()))
                    .bind("digest", text(origin.datasetDigest()))
                    .add();
        }
        batch.execute();
        latestOfModels(tx, run, told);
    }

    /**
     * A value that was logged for nothing in particular stays one when it is told again for a model, because clients tell each new model
     * only what belongs to none. An origin of empty texts says so; call this before the values themselves are written.
     */
    private static void keepPlain(Transaction tx, long run, List<Metric> told) {
        String same = " where %1$s.run = :run and %1$s.step = :step and %1$s.at = :at and %1$s.key = :key"
                + " and %1$s.value = :value and %1$s.value_nan = :value_nan";
        PreparedBatch batch = tx.sql()
                .prepareBatch(
                        "insert into run_metric_origin (run, step, at, key, value, value_nan, model_id, dataset_name,"
                                + " dataset_digest) select m.run, m.step, m.at, m.key, m.value, m.value_nan, '', '', '' from run_metric m"
                                + same.formatted("m") + " and not exists (select 1 from run_metric_origin o"
                                + same.formatted("o") + ") on conflict do nothing");
        for (Metric metric : told) {
            batch.bind("run", run)
                    .bind("step", metric.step())
                    .bind("at", metric.at())
                    .bind("key", metric.key())
                    .bind("value", Reals.stored(metric.value()))
                    .bind("value_nan", Reals.flag(metric.value()))
                    .add();
        }
        batch.execute();
    }

    /** What searches for models look at. */
    private static void latestOfModels(Transaction tx, long run, List<Metric> told) {
        PreparedBatch batch = tx.sql()
                .prepareBatch(
                        "insert into logged_model_metric as l (model_id, key, dataset_name, dataset_digest, run, step, at,"
                                + " value, value_nan) values (:model, :key, :name, :digest, :run, :step, :at, :value, :value_nan)"
                                + " on conflict (model_id, key, dataset_name, dataset_digest) do update set run = excluded.run,"
                                + " step = excluded.step, at = excluded.at, value = excluded.value, value_nan = excluded.value_nan"
                                + " where (excluded.step, excluded.at, excluded.value, excluded.value_nan)"
                                + " > (l.step, l.at, l.value, l.value_nan)");
        for (Metric metric : told) {
            MetricOrigin origin = java.util.Objects.requireNonNull(metric.origin());
            if (origin.model() != null) {
                batch.bind("model", origin.model())
                        .bind("key", metric.key())
                        .bind("name", text(origin.datasetName()))
                        .bind("digest", text(origin.datasetDigest()))
                        .bind("run", run)
                        .bind("step", metric.step())
                        .bind("at", metric.at())
                        .bind("value", Reals.stored(metric.value()))
                        .bind("value_nan", Reals.flag(metric.value()))
                        .add();
            }
        }
        if (batch.size() > 0) {
            batch.execute();
        }
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** The same values with their origins; of several the first by name. */
    static List<Metric> added(Handle sql, long run, String key, List<Metric> metrics) {
        if (metrics.isEmpty()) {
            return metrics;
        }
        Map<Metric, MetricOrigin> origins = new HashMap<>();
        sql.createQuery("select * from run_metric_origin where run = :run and key = :key and at between :from and :to"
                        + " order by model_id, dataset_name, dataset_digest")
                .bind("run", run)
                .bind("key", key)
                .bind("from", metrics.getFirst().at())
                .bind("to", metrics.getLast().at())
                .map((row, context) -> origins.putIfAbsent(
                        new Metric(key, Reals.get(row, "value"), row.getLong("at"), row.getLong("step")),
                        new MetricOrigin(
                                row.getString("model_id"),
                                row.getString("dataset_name"),
                                row.getString("dataset_digest"))))
                .list();
        if (origins.isEmpty()) {
            return metrics;
        }
        List<Metric> added = new ArrayList<>(metrics.size());
        for (Metric metric : metrics) {
            MetricOrigin origin = origins.get(metric);
            added.add(
                    origin == null
                            ? metric
                            : new Metric(
                                    key,
                                    metric.value(),
                                    metric.at(),
                                    metric.step(),
                                    MetricOrigin.of(origin.model(), origin.datasetName(), origin.datasetDigest())));
        }
        return added;
    }
}
