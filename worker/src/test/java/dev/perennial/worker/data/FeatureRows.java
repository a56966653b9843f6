package dev.perennial.worker.data;

import dev.perennial.features.Arrival;
import dev.perennial.features.FeatureEngine;
import dev.perennial.lifecycle.file.LifecycleFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.duckdb.DuckDBReadableVector;

/** Features of base rows by flight, computed by either engine. */
final class FeatureRows {
    private FeatureRows() {}

    static Map<String, Object[]> bySql(LifecycleFile file, Path temporary, FeatureQuery.Rows rows) {
        Map<String, Object[]> result = new TreeMap<>();
        try (DuckDb db = DuckDb.open(DuckDb.Settings.in(temporary), SourceTable.realFiles(file), List.of())) {
            FeatureQuery query = new FeatureQuery(db, file);
            query.run(rows);
            List<String> names = file.featureNames();
            List<Boolean> categories = List.copyOf(query.categories().values());
            String columns = String.join(
                    ", ", names.stream().map(name -> Sql.name("f:" + name)).toList());
            db.chunks("SELECT \"k:flight_id\", " + columns + " FROM features", chunk -> {
                for (long row = 0; row < chunk.rowCount(); row++) {
                    Object[] values = new Object[names.size()];
                    for (int i = 0; i < values.length; i++) {
                        DuckDBReadableVector vector = chunk.vector(i + 1);
                        values[i] = vector.isNull(row)
                                ? null
                                : categories.get(i) ? vector.getString(row) : (Object) (double) vector.getFloat(row);
                    }
                    result.put(chunk.vector(0).getString(row), values);
                }
            });
        }
        return result;
    }

    static Map<String, Object[]> byOperators(LifecycleFile file, Path temporary, long from, long to) {
        Map<String, Object[]> result = new TreeMap<>();
        FeatureEngine engine = new FeatureEngine(file);
        try (SourceFeeder feeder = SourceFeeder.open(DuckDb.Settings.in(temporary), file, List.of(), from, to, true)) {
            feeder.forEachRemaining(arrival -> {
                engine.arrive(arrival);
                if (arrival instanceof Arrival.PredictionDue due) {
                    result.put(due.id(), engine.featuresAt(due.row(), due.time()));
                }
            });
        }
        return result;
    }
}
