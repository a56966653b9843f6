package dev.perennial.worker.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.features.Arrival;
import dev.perennial.features.FeatureEngine;
import dev.perennial.lifecycle.file.LifecycleFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.duckdb.DuckDBReadableVector;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoEnginesTest {
    @TempDir
    Path temporary;

    @Test
    void bothEnginesAgreeInEveryCellOfTheYear() {
        LifecycleFile file = FlightDelay.file();
        Map<String, Object[]> sql = sqlFeatures(file, FeatureQuery.Rows.all());
        assertThat(sql).hasSize(336_776);
        List<String> differences = new ArrayList<>();
        FeatureEngine engine = new FeatureEngine(file);
        long cells = 0;
        long engineNanos = 0;
        long arrivals = 0;
        long begun = System.nanoTime();
        try (SourceFeeder feeder = SourceFeeder.open(DuckDb.Settings.in(temporary), file, List.of(), 0, 2_000_000_000_000L, true)) {
            while (feeder.hasNext()) {
                Arrival arrival = feeder.next();
                arrivals++;
                long start = System.nanoTime();
                if (!(arrival instanceof Arrival.PredictionDue due)) {
                    engine.arrive(arrival);
                    engineNanos += System.nanoTime() - start;
                    continue;
                }
                Object[] actual = engine.featuresAt(due.row(), due.time());
                engineNanos += System.nanoTime() - start;
                Object[] expected = sql.remove(due.id());
                for (int i = 0; i < actual.length; i++) {
                    cells++;
                    if (!same(expected[i], actual[i]) && differences.size() < 20) {
                        differences.add(due.id() + " " + engine.names().get(i) + ": SQL " + expected[i] + ", operators " + actual[i]);
                    }
                }
            }
        }
        System.err.println("arrivals " + arrivals + " engine ms " + engineNanos / 1_000_000 + " all ms " + (System.nanoTime() - begun) / 1_000_000);
        assertThat(differences).isEmpty();
        assertThat(cells).isEqualTo(336_776L * 21);
        assertThat(sql).isEmpty();
    }

    private Map<String, Object[]> sqlFeatures(LifecycleFile file, FeatureQuery.Rows rows) {
        Map<String, Object[]> result = new HashMap<>();
        try (DuckDb db = DuckDb.open(DuckDb.Settings.in(temporary), SourceTable.realFiles(file), List.of())) {
            new FeatureQuery(db, file).run(rows);
            List<String> names = file.featureNames();
            String columns = String.join(", ", names.stream().map(name -> Sql.name("f:" + name)).toList());
            db.chunks("SELECT \"k:flight_id\", " + columns + " FROM features", chunk -> {
                for (long row = 0; row < chunk.rowCount(); row++) {
                    Object[] values = new Object[names.size()];
                    for (int i = 0; i < values.length; i++) {
                        DuckDBReadableVector vector = chunk.vector(i + 1);
                        values[i] = vector.isNull(row) ? null
                                : i < 3 ? vector.getString(row) : (Object) (double) vector.getFloat(row);
                    }
                    result.put(chunk.vector(0).getString(row), values);
                }
            });
        }
        return result;
    }

    private static boolean same(@Nullable Object a, @Nullable Object b) {
        if (a instanceof Double left && b instanceof Double right) {
            return Math.abs(left - right) <= 1e-6 * Math.max(1, Math.abs(left));
        }
        return Objects.equals(a, b);
    }
}
