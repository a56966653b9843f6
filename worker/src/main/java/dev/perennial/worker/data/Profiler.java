package dev.perennial.worker.data;

import dev.perennial.data.Profile;
import dev.perennial.data.Profile.Column;
import dev.perennial.statistics.Bins;
import dev.perennial.statistics.NumericState;
import dev.perennial.worker.data.SnapshotColumns.Feature;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.duckdb.DuckDBReadableVector;
import org.jspecify.annotations.Nullable;

/** Profiles the feature columns of parts: exact quantiles, one column in memory at a time. */
final class Profiler {
    private static final int FIRST_ROWS = 1 << 12;
    private final DuckDb db;
    private final List<Feature> features;

    Profiler(DuckDb db, List<Feature> features) {
        this.db = db;
        this.features = features;
    }

    Profile profile(List<Path> parts) {
        Map<String, Column> columns = new LinkedHashMap<>();
        if (!parts.isEmpty()) {
            String scan = PartWriter.scan(parts);
            features.forEach(feature ->
                    columns.put(feature.name(), feature.category() ? category(scan, feature) : number(scan, feature)));
        }
        return new Profile(columns);
    }

    private Column category(String scan, Feature feature) {
        String column = Sql.name(feature.name());
        Map<String, Long> values = new LinkedHashMap<>();
        long[] sums = new long[4]; // rows, missing, distinct, other
        db.list("SELECT " + column + ", count(*) AS n FROM " + scan + " GROUP BY 1 ORDER BY n DESC, 1", row -> {
            String value = row.getString(1);
            long n = row.getLong(2);
            sums[0] += n;
            if (value == null) {
                sums[1] += n;
            } else if (sums[2]++ < Profile.VALUES_MAX) {
                values.put(value, n);
            } else {
                sums[3] += n;
            }
            return n;
        });
        return new Column(
                Column.CATEGORY, sums[0], sums[1], null, null, null, null, sums[2], null, null, values, sums[3]);
    }

    private Column number(String scan, Feature feature) {
        double[] all = read("SELECT " + Sql.name(feature.name()) + " FROM " + scan);
        double[] finite = Arrays.stream(all).filter(Double::isFinite).toArray();
        Bins bins = Bins.anchored(finite);
        NumericState state = NumericState.of(bins, all);
        boolean any = finite.length > 0;
        return new Column(
                Column.NUMBER,
                all.length,
                all.length - finite.length,
                any ? (Double) state.moments().mean() : null,
                any ? (Double) state.moments().m2() : null,
                bound(DoubleStream.of(finite).min().orElse(Double.NaN)),
                bound(DoubleStream.of(finite).max().orElse(Double.NaN)),
                DoubleStream.of(finite).distinct().count(),
                DoubleStream.of(bins.edges()).boxed().toList(),
                LongStream.of(state.counts()).boxed().toList(),
                null,
                0);
    }

    private static @Nullable Double bound(double value) {
        return Double.isNaN(value) ? null : (Double) value;
    }

    private double[] read(String sql) {
        double[][] values = {new double[FIRST_ROWS]};
        int[] size = {0};
        db.chunks(sql, chunk -> {
            DuckDBReadableVector vector = chunk.vector(0);
            int rows = (int) chunk.rowCount();
            if (size[0] + rows > values[0].length) {
                values[0] = Arrays.copyOf(values[0], Math.max(values[0].length * 2, size[0] + rows));
            }
            for (int row = 0; row < rows; row++) {
                values[0][size[0]++] = vector.isNull(row) ? Double.NaN : vector.getFloat(row);
            }
        });
        return Arrays.copyOf(values[0], size[0]);
    }
}
