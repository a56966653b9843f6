package dev.perennial.registry;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Transaction;
import dev.perennial.tracking.KeyValue;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** The rows of models, their tags and aliases. */
final class ModelRows {
    /** Who keeps the models of the loop. */
    static final String LOOP_USER = "perennial";

    private static final int CHUNK = 500;

    private ModelRows() {}

    /** A model without what belongs to it. */
    record Row(
            long id,
            ModelName name,
            boolean inLoop,
            String user,
            @Nullable String description,
            long createdAt,
            long updatedAt) {
        static Row of(ResultSet row, StatementContext context) throws SQLException {
            return new Row(
                    row.getLong("id"),
                    new ModelName(row.getString("project"), row.getString("name")),
                    row.getInt("in_loop") == 1,
                    row.getString("user_id"),
                    row.getString("description"),
                    row.getLong("created_at"),
                    row.getLong("updated_at"));
        }
    }

    static Optional<Row> find(Handle sql, ModelName name) {
        return sql.createQuery("select * from registered_model where project = :project and name = :name")
                .bind("project", name.project())
                .bind("name", name.text())
                .map(Row::of)
                .findOne();
    }

    static Row get(Handle sql, ModelName name) {
        return find(sql, name)
                .orElseThrow(() -> PerennialException.notFound("Registered Model with name=" + name + " not found"));
    }

    static long insert(
            Transaction tx, ModelName name, @Nullable String description, String user, boolean inLoop, long at) {
        long id = 1
                + tx.sql()
                        .createQuery("select coalesce(max(id), 0) from registered_model")
                        .mapTo(Long.class)
                        .one();
        tx.sql()
                .createUpdate("insert into registered_model (id, project, name, ref, description, user_id, created_at,"
                        + " updated_at, last_number, in_loop, replayed) values (:id, :project, :name, :ref, :description,"
                        + " :user, :at, :at, 0, :loop, :replayed)")
                .bind("id", id)
                .bind("project", name.project())
                .bind("name", name.text())
                .bind("ref", name.ref())
                .bind("description", description)
                .bind("user", user)
                .bind("at", at)
                .bind("loop", inLoop ? 1 : 0)
                .bind("replayed", inLoop && name.text().indexOf('@') >= 0 ? 1 : 0)
                .execute();
        return id;
    }

    static void touch(Transaction tx, long id, long at) {
        tx.sql()
                .createUpdate("update registered_model set updated_at = :at where id = :id")
                .bind("at", at)
                .bind("id", id)
                .execute();
    }

    /** Takes the next number of a model; it is never given again. */
    static int takeNumber(Transaction tx, long id, long at) {
        return tx.sql()
                .createQuery("update registered_model set last_number = last_number + 1, updated_at = :at where id = :id"
                        + " returning last_number")
                .bind("at", at)
                .bind("id", id)
                .mapTo(Integer.class)
                .one();
    }

    static void putTag(Transaction tx, long id, KeyValue tag) {
        tx.sql()
                .createUpdate("insert into registered_model_tag (model, key, value) values (:id, :key, :value)"
                        + " on conflict (model, key) do update set value = excluded.value")
                .bind("id", id)
                .bind("key", tag.key())
                .bind("value", tag.value())
                .execute();
    }

    static List<KeyValue> tags(Handle sql, long id) {
        return tags(sql, List.of(id)).getOrDefault(id, List.of());
    }

    private static Map<Long, List<KeyValue>> tags(Handle sql, List<Long> ids) {
        Map<Long, List<KeyValue>> result = new HashMap<>();
        for (List<Long> chunk : chunks(ids)) {
            sql.createQuery(
                            "select model, key, value from registered_model_tag where model in (<ids>) order by model, key")
                    .bindList("ids", chunk)
                    .map((row, context) -> result.computeIfAbsent(row.getLong("model"), id -> new ArrayList<>())
                            .add(new KeyValue(row.getString("key"), row.getString("value"))))
                    .list();
        }
        return result;
    }

    static Map<Long, List<ModelAlias>> aliases(Handle sql, List<Long> ids) {
        Map<Long, List<ModelAlias>> result = new HashMap<>();
        for (List<Long> chunk : chunks(ids)) {
            sql.createQuery("select m.id, a.alias, a.number from model_alias a join registered_model m on m.ref = a.model"
                            + " where m.id in (<ids>) order by m.id, a.alias")
                    .bindList("ids", chunk)
                    .map((row, context) -> result.computeIfAbsent(row.getLong("id"), id -> new ArrayList<>())
                            .add(new ModelAlias(row.getString("alias"), row.getInt("number"))))
                    .list();
        }
        return result;
    }

    /** The rows with what belongs to them, in the same order. */
    static List<RegisteredModel> filled(Handle sql, List<Row> rows) {
        List<Long> ids = rows.stream().map(Row::id).toList();
        Map<Long, List<KeyValue>> tags = tags(sql, ids);
        Map<Long, List<ModelAlias>> aliases = aliases(sql, ids);
        Map<Long, List<RegisteredVersion>> latest = new HashMap<>();
        for (List<Long> chunk : chunks(ids)) {
            VersionRows.newest(sql, chunk)
                    .forEach((id, version) -> latest.computeIfAbsent(id.model(), model -> new ArrayList<>())
                            .add(version));
        }
        return rows.stream()
                .map(row -> new RegisteredModel(
                        row.name(),
                        row.inLoop(),
                        row.user(),
                        row.description(),
                        row.createdAt(),
                        row.updatedAt(),
                        latest.getOrDefault(row.id(), List.of()),
                        tags.getOrDefault(row.id(), List.of()),
                        aliases.getOrDefault(row.id(), List.of())))
                .toList();
    }

    static <T> List<List<T>> chunks(List<T> all) {
        List<List<T>> chunks = new ArrayList<>();
        for (int from = 0; from < all.size(); from += CHUNK) {
            chunks.add(all.subList(from, Math.min(from + CHUNK, all.size())));
        }
        return chunks;
    }
}
