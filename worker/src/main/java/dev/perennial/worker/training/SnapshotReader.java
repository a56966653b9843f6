package dev.perennial.worker.training;

import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler.StepInput;
import dev.perennial.worker.data.DuckDb;
import dev.perennial.worker.data.Sql;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Reads snapshot parts (Parquet) into memory in one ordered query. */
final class SnapshotReader {
    private static final List<String> FIXED = List.of("event_time", "prediction_time", "label_time", "day", "label");

    private final Collection<Path> parts;
    private final List<FeatureType> features;
    private final Path temporary;

    /** @param temporary folder for what does not fit into memory */
    SnapshotReader(Collection<Path> parts, List<FeatureType> features, Path temporary) {
        if (parts.isEmpty()) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG, "no snapshot part among the inputs: name at least one 'part...' input");
        }
        this.parts = parts.stream().sorted().toList();
        this.features = List.copyOf(features);
        this.temporary = temporary;
    }

    static SnapshotReader of(StepInput input, List<FeatureType> features) {
        return new SnapshotReader(
                Parameters.parts(input), features, input.staging().resolve("tmp"));
    }

    /** Rows whose event lies in [from, to). */
    SnapshotRows read(long from, long to) {
        try (DuckDb db = open()) {
            GrowingRows rows = new GrowingRows(features);
            db.chunks(query(keyColumns(db), from, to), rows::add);
            return rows.rows();
        }
    }

    /** Opens DuckDB on the parts alone. */
    DuckDb open() {
        return DuckDb.open(DuckDb.Settings.in(temporary), parts, List.of());
    }

    /** Every column that is neither a feature nor one of a snapshot's fixed columns; a feature that is missing is told. */
    List<String> keyColumns(DuckDb db) {
        List<String> columns = db.list("describe select * from " + table(), row -> row.getString("column_name"));
        List<String> missing =
                new ArrayList<>(features.stream().map(FeatureType::name).toList());
        missing.removeAll(columns);
        if (!missing.isEmpty()) {
            throw new StepFailure(
                    StepFailure.Kind.CONTRACT,
                    "the snapshot has no column " + missing + ": take a snapshot of this lifecycle file");
        }
        List<String> keys = new ArrayList<>(columns);
        keys.removeAll(FIXED);
        keys.removeAll(features.stream().map(FeatureType::name).toList());
        return keys;
    }

    /** The parts as a table expression. */
    String table() {
        return "read_parquet(["
                + parts.stream().map(part -> Sql.text(part.toString())).collect(Collectors.joining(", ")) + "])";
    }

    /** Bounds of event times as a condition. */
    static String between(long from, long to) {
        return "true" + (from == Long.MIN_VALUE ? "" : " and event_time >= make_timestamp(" + from + " * 1000)")
                + (to == Long.MAX_VALUE ? "" : " and event_time < make_timestamp(" + to + " * 1000)");
    }

    private String query(List<String> keys, long from, long to) {
        String key = keys.isEmpty()
                ? "''"
                : "concat_ws(',', " + keys.stream().map(Sql::name).collect(Collectors.joining(", ")) + ")";
        String values = features.stream()
                .map(feature -> ", cast(" + Sql.name(feature.name()) + " as "
                        + (feature.category() ? "varchar" : "float") + ")")
                .collect(Collectors.joining());
        return "select epoch_ms(event_time), epoch_ms(label_time), cast(day - date '1970-01-01' as integer), cast(label as tinyint), "
                + key + " as row_key" + values + " from " + table() + " where " + between(from, to)
                + " order by event_time, row_key";
    }
}
