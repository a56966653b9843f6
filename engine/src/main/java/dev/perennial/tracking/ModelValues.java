package dev.perennial.tracking;

import dev.perennial.store.Transaction;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The values of logged models that come from another server, beside the histories of the runs that logged them. */
public final class ModelValues {
    private ModelValues() {}

    /**
     * Says of values for which model they were measured.
     *
     * @param metrics each with its origin
     * @return false when the run is not here, and nothing was written
     */
    public static boolean add(Transaction tx, String run, List<Metric> metrics) {
        Optional<RunRows.Key> key = RunRows.find(tx.sql(), run);
        key.ifPresent(there -> MetricOrigins.insertTold(tx, there.number(), metrics));
        return key.isPresent();
    }

    /** How many values of a model some runs have. */
    public static long count(Handle sql, String model, List<String> runs) {
        long count = 0;
        for (List<String> chunk : Pairs.chunks(runs)) {
            count += sql.createQuery("select count(*) from run_metric_origin o join tracked_run r on r.number = o.run"
                            + " where r.id in (<runs>) and o.model_id = :model")
                    .bindList("runs", chunk)
                    .bind("model", model)
                    .mapTo(Long.class)
                    .one();
        }
        return count;
    }
}
