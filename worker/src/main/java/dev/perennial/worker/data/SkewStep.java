package dev.perennial.worker.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepFailure.Kind;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares feature values that were logged when rows were scored with those computed offline for the same rows. Numbers are equal within
 * float32 rounding, text exactly, missing equals missing.
 *
 * <p>Parameters: {@code lifecycle}, optional {@code from, to} (event time) and {@code columns}: features that the endpoint serves, whose
 * absence in a logged row means missing; as an object they are those of each version, and a column is compared in the rows that a version
 * answered that has it. Without it these are the features that any logged row holds. Input {@code logged}: JSON lines {@code {id,
 * eventTime, features: {}}}, with {@code version} where columns differ by version. Values: {@code days} [{day, columns: {name: {rows, equal, differing, examples}}}], {@code rows},
 * {@code unmatched} (logged rows that the sources do not have).
 */
public final class SkewStep implements StepHandler {
    private static final double TOLERANCE = 1e-5;
    private static final int EXAMPLES_MAX = 3;

    @Override
    public String kind() {
        return "skew";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException {
        LifecycleFile file = StepParameters.lifecycle(input.parameters());
        Path logged = logged(input);
        List<Path> files = new ArrayList<>(SourceTable.realFiles(file));
        files.add(logged);
        Path temporary = input.staging().resolve("tmp");
        try (DuckDb db = DuckDb.open(DuckDb.Settings.in(temporary), files, List.of())) {
            long from = StepParameters.time(input.parameters(), "from", Long.MIN_VALUE);
            long to = StepParameters.time(input.parameters(), "to", Long.MAX_VALUE);
            long rows = load(db, logged, from, to);
            return new StepOutput(compare(db, file, input.parameters(), rows), Map.of());
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static Path logged(StepInput input) throws IOException {
        Path logged = input.inputs().get("logged");
        if (logged == null) {
            throw new StepFailure(
                    Kind.CONFIG, "input 'logged' is missing; expected a file of JSON lines {id, eventTime, features}");
        }
        return logged.toRealPath();
    }

    private static long load(DuckDb db, Path logged, long from, long to) throws IOException {
        String read = Files.size(logged) == 0
                ? "SELECT NULL::VARCHAR AS id, NULL::BIGINT AS event, NULL::VARCHAR AS version, NULL::JSON AS features WHERE false"
                : "SELECT id, eventTime AS event, version, features FROM read_json(" + Sql.text(logged.toString())
                        + ", format = 'newline_delimited', columns = {'id': 'VARCHAR', 'eventTime': 'BIGINT', 'version': 'VARCHAR', 'features': 'JSON'})";
        db.execute(
                "CREATE TEMP TABLE logged AS SELECT id, min(event) AS event, first(version) AS version, first(features) AS features FROM ("
                        + read + ") l WHERE id IS NOT NULL" + " AND event >= " + from + " AND event < " + to
                        + " GROUP BY id");
        return db.one("SELECT count(*) FROM logged", row -> row.getLong(1));
    }

    private static Map<String, JsonNode> compare(DuckDb db, LifecycleFile file, JsonNode parameters, long rows) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        values.put("rows", Json.tree(rows));
        if (rows == 0) {
            values.put("days", Json.array());
            values.put("unmatched", Json.tree(0));
            return values;
        }
        long[] range =
                db.one("SELECT min(event), max(event) FROM logged", row -> new long[] {row.getLong(1), row.getLong(2)});
        FeatureQuery query = new FeatureQuery(db, file);
        query.run(new FeatureQuery.Rows(range[0], range[1] + 1, false, false, null, keyedLike(file)));
        String id = file.base().key().size() == 1
                ? "CAST(" + Sql.name("k:" + file.base().key().getFirst()) + " AS VARCHAR)"
                : "concat_ws('|', "
                        + String.join(
                                ", ",
                                file.base().key().stream()
                                        .map(key -> Sql.name("k:" + key))
                                        .toList()) + ")";
        db.execute("CREATE TEMP TABLE matched AS SELECT l.id, l.version, l.features, f.* FROM logged l JOIN "
                + FeatureQuery.TABLE + " f ON f.event = l.event AND " + id + " = l.id");
        values.put("unmatched", Json.tree(rows - db.one("SELECT count(*) FROM matched", row -> row.getLong(1))));
        Map<String, ObjectNode> days = new LinkedHashMap<>();
        JsonNode columns = parameters.path("columns");
        Set<String> compared = compared(db, columns);
        query.categories().forEach((name, category) -> {
            if (compared.contains(name)) {
                compare(db, name, category, rows(columns, name), days);
            }
        });
        ArrayNode list = Json.array();
        new java.util.TreeMap<>(days)
                .forEach((day, ofDay) -> list.addObject().put("day", day).set("columns", ofDay));
        values.put("days", list);
        return values;
    }

    private static String keyedLike(LifecycleFile file) {
        return file.base().key().size() == 1
                ? "CAST(" + Sql.name(file.base().key().getFirst()) + " AS VARCHAR) IN (SELECT id FROM logged)"
                : "true";
    }

    private static Set<String> compared(DuckDb db, JsonNode columns) {
        Set<String> names = new LinkedHashSet<>();
        if (columns.isArray()) {
            columns.forEach(node -> names.add(node.asText()));
        } else if (columns.isObject()) {
            columns.forEach(version -> version.forEach(node -> names.add(node.asText())));
        } else {
            names.addAll(db.list("SELECT DISTINCT unnest(json_keys(features)) FROM logged", row -> row.getString(1)));
        }
        return names;
    }

    /** The rows in which a column is compared, as a condition. */
    private static String rows(JsonNode columns, String name) {
        if (!columns.isObject()) {
            return "true";
        }
        List<String> versions = new ArrayList<>();
        columns.properties()
                .forEach(version -> version.getValue().forEach(column -> {
                    if (column.asText().equals(name)) {
                        versions.add(Sql.text(version.getKey()));
                    }
                }));
        return "version IN (" + String.join(", ", versions) + ")";
    }

    private static void compare(DuckDb db, String name, boolean category, String where, Map<String, ObjectNode> days) {
        String text = "json_extract_string(features, " + Sql.text("$.\"" + name.replace("\"", "\\\"") + '"') + ")";
        String served = category
                ? text
                : "CAST(CASE WHEN isnan(try_cast(" + text + " AS DOUBLE)) THEN NULL ELSE try_cast(" + text
                        + " AS DOUBLE) END AS FLOAT)";
        String offline = Sql.name("f:" + name);
        String same = category
                ? "served IS NOT DISTINCT FROM offline"
                : "((served IS NULL AND offline IS NULL) OR coalesce(abs(served::DOUBLE - offline::DOUBLE) <= "
                        + TOLERANCE + " * greatest(1, abs(offline::DOUBLE)), false))";
        String example =
                "id || ': served ' || coalesce(served::VARCHAR, 'missing') || ', offline ' || coalesce(offline::VARCHAR, 'missing')";
        db.list(
                "SELECT CAST(day AS VARCHAR), count(*), count(*) FILTER (" + same + "), to_json(coalesce(list("
                        + example + " ORDER BY id) FILTER (NOT "
                        + same + "), [])[1:" + EXAMPLES_MAX + "]) FROM (SELECT id, day, " + served + " AS served, "
                        + offline
                        + " AS offline FROM matched WHERE " + where + ") m GROUP BY day ORDER BY day",
                row -> {
                    long rows = row.getLong(2);
                    long equal = row.getLong(3);
                    ObjectNode column = days.computeIfAbsent(row.getString(1), day -> Json.object())
                            .putObject(name);
                    column.put("rows", rows).put("equal", equal).put("differing", rows - equal);
                    return column.set("examples", Json.parse(row.getString(4)));
                });
    }
}
