package dev.perennial.tracking.models;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Reals;
import dev.perennial.store.Transaction;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.MetricOrigin;
import dev.perennial.tracking.Pairs;
import dev.perennial.tracking.Stage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** Logged models in SQL. Inside the database a model has a number, as runs have. */
final class ModelRows {
    private final Registrations registrations;

    ModelRows(Registrations registrations) {
        this.registrations = registrations;
    }

    /** What a write needs to know of a model. */
    record Key(long number, boolean deleted) {}

    static Optional<Key> find(Handle sql, String id) {
        return sql.createQuery("select number, deleted_at from logged_model where id = :id")
                .bind("id", id)
                .map((row, context) -> new Key(row.getLong("number"), row.getObject("deleted_at") != null))
                .findOne();
    }

    /** A model that is not deleted. */
    static Key used(Handle sql, String id) {
        return find(sql, id)
                .filter(key -> !key.deleted())
                .orElseThrow(() -> PerennialException.notFound("Logged model with ID '" + id + "' not found."));
    }

    static long insert(Transaction tx, ModelInfo model) {
        long number = 1
                + tx.sql()
                        .createQuery("select coalesce(max(number), 0) from logged_model")
                        .mapTo(Long.class)
                        .one();
        tx.sql()
                .createUpdate("insert into logged_model (number, id, experiment, name, type, source_run, artifact_uri,"
                        + " status, created_at, updated_at) values (:number, :id, :experiment, :name, :type, :run, :uri,"
                        + " :status, :created, :updated)")
                .bind("number", number)
                .bind("id", model.id())
                .bind("experiment", model.experiment())
                .bind("name", model.name())
                .bind("type", model.type())
                .bind("run", model.sourceRun())
                .bind("uri", model.artifactUri())
                .bind("status", model.status().name())
                .bind("created", model.createdAt())
                .bind("updated", model.updatedAt())
                .execute();
        return number;
    }

    static void status(Transaction tx, long model, ModelStatus status, long now) {
        tx.sql()
                .createUpdate("update logged_model set status = :status, updated_at = :now where number = :model")
                .bind("status", status.name())
                .bind("now", now)
                .bind("model", model)
                .execute();
    }

    static void touch(Transaction tx, long model, long now) {
        tx.sql()
                .createUpdate("update logged_model set updated_at = :now where number = :model")
                .bind("now", now)
                .bind("model", model)
                .execute();
    }

    static void delete(Transaction tx, long model, long now) {
        tx.sql()
                .createUpdate("update logged_model set deleted_at = :now, updated_at = :now where number = :model")
                .bind("now", now)
                .bind("model", model)
                .execute();
    }

    static void putParam(Transaction tx, long model, String id, KeyValue param) {
        int added = tx.sql()
                .createUpdate("insert into logged_model_param (model, key, value) values (:model, :key, :value)"
                        + " on conflict do nothing")
                .bind("model", model)
                .bind("key", param.key())
                .bind("value", param.value())
                .execute();
        if (added == 0) {
            String kept = tx.sql()
                    .createQuery("select value from logged_model_param where model = :model and key = :key")
                    .bind("model", model)
                    .bind("key", param.key())
                    .mapTo(String.class)
                    .one();
            if (!kept.equals(param.value())) {
                throw PerennialException.invalid(
                        "params",
                        "Changing param values is not allowed. Param with key='" + param.key()
                                + "' was already logged with value='" + kept + "' for model ID='" + id
                                + "'. Attempted logging new value '" + param.value() + "'.");
            }
        }
    }

    static void putTag(Transaction tx, long model, KeyValue tag) {
        tx.sql()
                .createUpdate("insert into logged_model_tag (model, key, value) values (:model, :key, :value)"
                        + " on conflict (model, key) do update set value = excluded.value")
                .bind("model", model)
                .bind("key", tag.key())
                .bind("value", tag.value())
                .execute();
    }

    static boolean deleteTag(Transaction tx, long model, String key) {
        return tx.sql()
                        .createUpdate("delete from logged_model_tag where model = :model and key = :key")
                        .bind("model", model)
                        .bind("key", key)
                        .execute()
                > 0;
    }

    /** Complete models in the order of the numbers. */
    List<LoggedModel> read(Handle sql, List<Long> numbers) {
        Map<Long, ModelInfo> infos = new HashMap<>();
        for (List<Long> chunk : Pairs.chunks(numbers)) {
            sql.createQuery("select * from logged_model where number in (<numbers>)")
                    .bindList("numbers", chunk)
                    .map(ModelRows::row)
                    .list()
                    .forEach(row -> infos.put(row.number(), row.info()));
        }
        List<String> ids = infos.values().stream().map(ModelInfo::id).toList();
        Map<Long, List<KeyValue>> params = Pairs.read(sql, "logged_model_param", "model", numbers);
        Map<Long, List<KeyValue>> tags = Pairs.read(sql, "logged_model_tag", "model", numbers);
        Map<String, List<ModelMetric>> metrics = metrics(sql, ids);
        Map<String, List<Registration>> registered = ids.isEmpty() ? Map.of() : registrations.of(sql, ids);
        List<LoggedModel> models = new ArrayList<>(numbers.size());
        for (Long number : numbers) {
            ModelInfo info = infos.get(number);
            if (info != null) {
                models.add(new LoggedModel(
                        info,
                        params.getOrDefault(number, List.of()),
                        tags.getOrDefault(number, List.of()),
                        metrics.getOrDefault(info.id(), List.of()),
                        registered.getOrDefault(info.id(), List.of())));
            }
        }
        return models;
    }

    private static Map<String, List<ModelMetric>> metrics(Handle sql, List<String> ids) {
        Map<String, List<ModelMetric>> result = new HashMap<>();
        for (List<String> chunk : Pairs.chunks(ids)) {
            sql.createQuery(
                            "select m.*, r.id as run_id from logged_model_metric m join tracked_run r on r.number = m.run"
                                    + " where m.model_id in (<ids>) order by m.model_id, m.key, m.dataset_name, m.dataset_digest")
                    .bindList("ids", chunk)
                    .map((row, context) -> result.computeIfAbsent(row.getString("model_id"), model -> new ArrayList<>())
                            .add(metric(row)))
                    .list();
        }
        return result;
    }

    private static ModelMetric metric(ResultSet row) throws SQLException {
        return new ModelMetric(
                row.getString("run_id"),
                new Metric(
                        row.getString("key"),
                        Reals.get(row, "value"),
                        row.getLong("at"),
                        row.getLong("step"),
                        MetricOrigin.of(
                                row.getString("model_id"),
                                row.getString("dataset_name"),
                                row.getString("dataset_digest"))));
    }

    private record Row(long number, ModelInfo info) {}

    private static Row row(ResultSet row, StatementContext context) throws SQLException {
        return new Row(
                row.getLong("number"),
                new ModelInfo(
                        row.getString("id"),
                        row.getLong("experiment"),
                        row.getString("name"),
                        row.getString("type"),
                        row.getString("source_run"),
                        row.getString("artifact_uri"),
                        ModelStatus.valueOf(row.getString("status")),
                        row.getLong("created_at"),
                        row.getLong("updated_at"),
                        row.getObject("deleted_at") == null ? Stage.ACTIVE : Stage.DELETED));
    }
}
