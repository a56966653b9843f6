package dev.perennial.registry;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Transaction;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.models.Registration;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** The rows of versions and their tags. */
final class VersionRows {
    private VersionRows() {}

    /** What a version is stored under. */
    record Id(long model, int number) {}

    /** A version without what belongs to it. */
    record Row(
            Id id,
            RegisteredVersion.Origin origin,
            VersionStage stage,
            RegisteredVersion.Standing standing,
            RegisteredVersion.Times times,
            String user,
            @Nullable String description) {
        static Row of(ResultSet row, StatementContext context) throws SQLException {
            return new Row(
                    new Id(row.getLong("model"), row.getInt("number")),
                    new RegisteredVersion.Origin(
                            row.getString("source"),
                            row.getString("storage"),
                            row.getString("run"),
                            row.getString("run_link"),
                            row.getString("logged_model")),
                    VersionStage.of(row.getString("stage")),
                    new RegisteredVersion.Standing(
                            RegisteredVersion.Status.valueOf(row.getString("status")),
                            row.getString("status_message"),
                            row.getString("manifest")),
                    new RegisteredVersion.Times(row.getLong("created_at"), row.getLong("updated_at")),
                    row.getString("user_id"),
                    row.getString("description"));
        }
    }

    static void insert(Transaction tx, Row row) {
        tx.sql()
                .createUpdate(
                        "insert into registered_version (model, number, created_at, updated_at, user_id, description,"
                                + " source, storage, run, run_link, logged_model, stage, status, status_message, manifest)"
                                + " values (:model, :number, :created, :updated, :user, :description, :source, :storage,"
                                + " :run, :link, :logged, :stage, :status, :message, :manifest)")
                .bind("model", row.id().model())
                .bind("number", row.id().number())
                .bind("created", row.times().createdAt())
                .bind("updated", row.times().updatedAt())
                .bind("user", row.user())
                .bind("description", row.description())
                .bind("source", row.origin().source())
                .bind("storage", row.origin().storage())
                .bind("run", row.origin().run())
                .bind("link", row.origin().runLink())
                .bind("logged", row.origin().loggedModel())
                .bind("stage", row.stage().text())
                .bind("status", row.standing().status().name())
                .bind("message", row.standing().message())
                .bind("manifest", row.standing().manifest())
                .execute();
    }

    static Optional<Row> find(Handle sql, Id id) {
        return sql.createQuery("select * from registered_version where model = :model and number = :number")
                .bind("model", id.model())
                .bind("number", id.number())
                .map(Row::of)
                .findOne();
    }

    static Row get(Handle sql, ModelRows.Row model, int number) {
        return find(sql, new Id(model.id(), number))
                .orElseThrow(() -> PerennialException.notFound(
                        "Model Version (name=" + model.name() + ", version=" + number + ") not found"));
    }

    /** The newest version of a model. */
    static Optional<Row> newest(Handle sql, long model) {
        return sql.createQuery("select * from registered_version where model = :model order by number desc limit 1")
                .bind("model", model)
                .map(Row::of)
                .findOne();
    }

    /** The newest version of each stage of some models, by stage. */
    static Map<Id, RegisteredVersion> newest(Handle sql, List<Long> models) {
        List<Row> rows = sql.createQuery(
                        "select v.* from registered_version v join (select model, stage, max(number) as top"
                                + " from registered_version where model in (<models>) group by model, stage) n"
                                + " on n.model = v.model and n.top = v.number order by v.model, v.stage")
                .bindList("models", models)
                .map(Row::of)
                .list();
        Map<Id, RegisteredVersion> newest = new LinkedHashMap<>();
        List<RegisteredVersion> versions = filled(sql, rows);
        for (int i = 0; i < rows.size(); i++) {
            newest.put(rows.get(i).id(), versions.get(i));
        }
        return newest;
    }

    static void putTag(Transaction tx, Id id, KeyValue tag) {
        tx.sql()
                .createUpdate(
                        "insert into registered_version_tag (model, number, key, value) values (:model, :number, :key,"
                                + " :value) on conflict (model, number, key) do update set value = excluded.value")
                .bind("model", id.model())
                .bind("number", id.number())
                .bind("key", tag.key())
                .bind("value", tag.value())
                .execute();
    }

    static void touch(Transaction tx, Id id, long at) {
        tx.sql()
                .createUpdate(
                        "update registered_version set updated_at = :at where model = :model and number = :number")
                .bind("at", at)
                .bind("model", id.model())
                .bind("number", id.number())
                .execute();
    }

    static RegisteredVersion filled(Handle sql, Row row) {
        return filled(sql, List.of(row)).getFirst();
    }

    /** The rows with what belongs to them, in the same order. */
    static List<RegisteredVersion> filled(Handle sql, List<Row> rows) {
        List<Long> models =
                rows.stream().map(row -> row.id().model()).distinct().toList();
        Map<Long, ModelName> names = names(sql, models);
        Map<Long, List<ModelAlias>> aliases = ModelRows.aliases(sql, models);
        Map<Id, List<KeyValue>> tags = tags(sql, rows.stream().map(Row::id).toList());
        Map<Id, Map<String, Double>> figures =
                figures(sql, rows.stream().map(Row::id).toList());
        Map<String, List<KeyValue>> params = params(
                sql,
                rows.stream()
                        .map(row -> row.origin().loggedModel())
                        .filter(java.util.Objects::nonNull)
                        .distinct()
                        .toList());
        return rows.stream()
                .map(row -> new RegisteredVersion(
                        java.util.Objects.requireNonNull(names.get(row.id().model())),
                        row.id().number(),
                        row.origin(),
                        row.stage(),
                        row.standing(),
                        row.times(),
                        row.user(),
                        row.description(),
                        tags.getOrDefault(row.id(), List.of()),
                        aliases.getOrDefault(row.id().model(), List.of()).stream()
                                .filter(alias -> alias.number() == row.id().number())
                                .map(ModelAlias::alias)
                                .toList(),
                        figures.getOrDefault(row.id(), Map.of()),
                        params.getOrDefault(row.origin().loggedModel(), List.of())))
                .toList();
    }

    /** What was logged with models, by their ids. */
    private static Map<String, List<KeyValue>> params(Handle sql, List<String> logged) {
        Map<String, List<KeyValue>> result = new HashMap<>();
        for (List<String> chunk : ModelRows.chunks(logged)) {
            sql.createQuery("select m.id, p.key, p.value from logged_model_param p join logged_model m on m.number ="
                            + " p.model where m.id in (<ids>) order by m.id, p.key")
                    .bindList("ids", chunk)
                    .map((row, context) -> result.computeIfAbsent(row.getString("id"), id -> new ArrayList<>())
                            .add(new KeyValue(row.getString("key"), row.getString("value"))))
                    .list();
        }
        return result;
    }

    private static Map<Long, ModelName> names(Handle sql, List<Long> models) {
        Map<Long, ModelName> names = new HashMap<>();
        for (List<Long> chunk : ModelRows.chunks(models)) {
            sql.createQuery("select id, project, name from registered_model where id in (<ids>)")
                    .bindList("ids", chunk)
                    .map((row, context) -> names.put(
                            row.getLong("id"), new ModelName(row.getString("project"), row.getString("name"))))
                    .list();
        }
        return names;
    }

    private static Map<Id, List<KeyValue>> tags(Handle sql, List<Id> ids) {
        Map<Id, List<KeyValue>> result = new HashMap<>();
        for (List<Id> chunk : ModelRows.chunks(ids)) {
            sql.createQuery("select model, number, key, value from registered_version_tag where (model, number) in"
                            + " (values "
                            + values(chunk) + ") order by model, number, key")
                    .map((row, context) -> result.computeIfAbsent(
                                    new Id(row.getLong("model"), row.getInt("number")), id -> new ArrayList<>())
                            .add(new KeyValue(row.getString("key"), row.getString("value"))))
                    .list();
        }
        return result;
    }

    /** What the loop measured of its own versions. */
    private static Map<Id, Map<String, Double>> figures(Handle sql, List<Id> ids) {
        Map<Id, Map<String, Double>> result = new HashMap<>();
        for (List<Id> chunk : ModelRows.chunks(ids)) {
            sql.createQuery("select m.id, v.number, v.metrics from model_version v join registered_model m on m.ref ="
                            + " v.model where (m.id, v.number) in (values " + values(chunk) + ")")
                    .map((row, context) -> result.put(
                            new Id(row.getLong("id"), row.getInt("number")), numbers(row.getString("metrics"))))
                    .list();
        }
        return result;
    }

    private static Map<String, Double> numbers(String metrics) {
        Map<String, Double> numbers = new TreeMap<>();
        Json.parse(metrics).properties().forEach(entry -> {
            if (entry.getValue().isNumber()) {
                numbers.put(entry.getKey(), entry.getValue().doubleValue());
            }
        });
        return numbers;
    }

    /** The versions that were made from logged models, by the model's id. */
    static Map<String, List<Registration>> ofLogged(Handle sql, List<String> logged) {
        Map<String, List<Registration>> result = new HashMap<>();
        for (List<String> chunk : ModelRows.chunks(logged)) {
            sql.createQuery("select v.logged_model, m.name, v.number from registered_version v"
                            + " join registered_model m on m.id = v.model where v.logged_model in (<ids>)"
                            + " order by m.name, v.number")
                    .bindList("ids", chunk)
                    .map((row, context) -> result.computeIfAbsent(
                                    row.getString("logged_model"), id -> new ArrayList<>())
                            .add(new Registration(row.getString("name"), row.getInt("number"))))
                    .list();
        }
        return result;
    }

    /** Only whole numbers of our own, so they can stand in the text. */
    private static String values(List<Id> ids) {
        return ids.stream()
                .map(id -> "(" + id.model() + ", " + id.number() + ")")
                .collect(Collectors.joining(", "));
    }
}
