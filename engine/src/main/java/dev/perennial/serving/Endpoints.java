package dev.perennial.serving;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints and their variants. Every change raises the serving revision in its transaction; {@link ScorerFleet} carries it to the
 * scorers. Thread-safe.
 */
public final class Endpoints {
    private final Database database;

    public Endpoints(Database database) {
        this.database = database;
    }

    /**
     * Makes or changes an endpoint; its variants stay.
     *
     * @param keepWarmMillis how long, by the model's clock, a former champion stays loaded so that a rollback takes effect at once
     */
    public void declare(
            Transaction tx,
            ModelId model,
            List<String> key,
            ScorerConfig.Fuse fuse,
            long keepWarmMillis,
            @Nullable Long clockUntil) {
        tx.sql()
                .createUpdate(
                        "insert into endpoint (model, key_columns, salt, clock_until, fuse, keep_warm)"
                                + " values (:model, :key, :salt, :until, :fuse, :warm) on conflict (model) do update"
                                + " set key_columns = excluded.key_columns, fuse = excluded.fuse, keep_warm = excluded.keep_warm")
                .bind("warm", keepWarmMillis)
                .bind("model", model.toString())
                .bind("key", Json.write(key))
                .bind("salt", Digest.of("split " + model).shortHex())
                .bind("until", clockUntil)
                .bind("fuse", Json.write(fuse))
                .execute();
        raise(tx);
    }

    /**
     * A rollout begins: it splits by a salt of its own, so that other callers are its canaries than those of the rollout before. The salt
     * follows from the id alone: it stays for the whole rollout, over restarts and while its weight grows.
     *
     * @param rollout id of the rollout
     */
    public void rollout(Transaction tx, ModelId model, String rollout) {
        tx.sql()
                .createUpdate("update endpoint set salt = :salt, rollout = :rollout where model = :model")
                .bind("salt", Digest.of("split " + rollout).shortHex())
                .bind("rollout", rollout)
                .bind("model", model.toString())
                .execute();
        raise(tx);
    }

    /** Names the rollout that runs already and keeps the salt that it began with. */
    public void adopt(Transaction tx, ModelId model, String rollout) {
        int named = tx.sql()
                .createUpdate("update endpoint set rollout = :rollout where model = :model"
                        + " and (rollout is null or rollout <> :rollout)")
                .bind("rollout", rollout)
                .bind("model", model.toString())
                .execute();
        if (named > 0) {
            raise(tx);
        }
    }

    /** Predictions dated after {@code until} are refused from now on. */
    public void clock(Transaction tx, ModelId model, long until) {
        tx.sql()
                .createUpdate("update endpoint set clock_until = :until where model = :model")
                .bind("until", until)
                .bind("model", model.toString())
                .execute();
        raise(tx);
    }

    /** Until when predictions are taken in a replay; 0 without an endpoint or when the wall clock decides. */
    public long clock(ModelId model) {
        return database.read(
                sql -> sql.createQuery("select coalesce(clock_until, 0) from endpoint where model = :model")
                        .bind("model", model.toString())
                        .mapTo(Long.class)
                        .findOne()
                        .orElse(0L));
    }

    /** Replaces all variants of an endpoint at once; one that was warm and stays warm does not begin anew. */
    public void variants(Transaction tx, ModelId model, List<Variant> variants) {
        Map<Integer, Long> warm = warmSince(tx, model);
        tx.sql()
                .createUpdate("delete from variant where model = :model")
                .bind("model", model.toString())
                .execute();
        for (Variant variant : variants) {
            tx.sql()
                    .createUpdate("insert into variant (model, number, role, weight, manifest, file, warm_since)"
                            + " values (:model, :number, :role, :weight, :manifest, :file, :since)")
                    .bind(
                            "since",
                            variant.role() == Variant.Role.warm
                                    ? warm.get(variant.version().number())
                                    : null)
                    .bind("model", model.toString())
                    .bind("number", variant.version().number())
                    .bind("role", variant.role().name())
                    .bind("weight", variant.weight())
                    .bind("manifest", variant.manifest().hex())
                    .bind("file", variant.file().hex())
                    .execute();
        }
        raise(tx);
    }

    private static Map<Integer, Long> warmSince(Transaction tx, ModelId model) {
        return tx
                .sql()
                .createQuery("select number, warm_since from variant where model = :model and warm_since is not null")
                .bind("model", model.toString())
                .map((row, context) -> Map.entry(row.getInt("number"), row.getLong("warm_since")))
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /**
     * Lets go of former champions that were warm for long enough, each by its model's own clock; a rollback then still leads to them, but
     * scorers load them first. Costs two statements that touch no row most of the time.
     *
     * @param now the wall clock, for models outside a replay
     */
    public void cool(Transaction tx, long now) {
        String clock = "(select coalesce(e.clock_until, :now) from endpoint e where e.model = variant.model)";
        tx.sql()
                .createUpdate(
                        "update variant set warm_since = " + clock + " where role = 'warm' and warm_since is null")
                .bind("now", now)
                .execute();
        int cooled = tx.sql()
                .createUpdate("delete from variant where role = 'warm' and warm_since is not null and exists"
                        + " (select 1 from endpoint e where e.model = variant.model and e.keep_warm is not null"
                        + " and variant.warm_since + e.keep_warm <= coalesce(e.clock_until, :now))")
                .bind("now", now)
                .execute();
        if (cooled > 0) {
            raise(tx);
        }
    }

    public List<Variant> variants(ModelId model) {
        return database.read(sql -> variants(sql, model));
    }

    public List<Variant> variants(Handle sql, ModelId model) {
        return sql.createQuery("select * from variant where model = :model order by number")
                .bind("model", model.toString())
                .map(Endpoints::variant)
                .list();
    }

    public long revision() {
        return database.read(sql -> counter(sql, "serving"));
    }

    /** The whole configuration as of now. */
    public ScorerConfig config() {
        return database.read(sql -> {
            Map<String, List<Variant>> byModel =
                    sql.createQuery("select * from variant order by model, number").map(Endpoints::variant).stream()
                            .collect(Collectors.groupingBy(
                                    v -> v.version().model().toString()));
            List<ScorerConfig.Endpoint> endpoints = sql.createQuery("select * from endpoint order by model")
                    .map((row, context) -> endpoint(row, byModel.getOrDefault(row.getString("model"), List.of())))
                    .list();
            return new ScorerConfig(counter(sql, "serving"), counter(sql, "flush"), endpoints, ScorerConfig.Access.OPEN);
        });
    }

    /** Asks all scorers to deliver what they have logged; returns the number that they will confirm. */
    public long askForFlush() {
        return database.write(tx -> {
            raise(tx);
            return tx.sql()
                    .createQuery("update counter set value = value + 1 where name = 'flush' returning value")
                    .mapTo(Long.class)
                    .one();
        });
    }

    /** Tells all scorers anew. */
    static void raise(Transaction tx) {
        tx.sql()
                .createUpdate("update counter set value = value + 1 where name = 'serving'")
                .execute();
    }

    private static long counter(Handle sql, String name) {
        return sql.createQuery("select value from counter where name = :name")
                .bind("name", name)
                .mapTo(Long.class)
                .one();
    }

    private static ScorerConfig.Endpoint endpoint(ResultSet row, List<Variant> variants) throws SQLException {
        ModelId model = ModelId.parse(row.getString("model"));
        long until = row.getLong("clock_until");
        Long bound = row.wasNull() ? null : until;
        return new ScorerConfig.Endpoint(
                model.toString(),
                List.of(Json.read(row.getString("key_columns"), String[].class)),
                row.getString("salt"),
                !model.replayed(),
                new ScorerConfig.Clock(bound),
                variants.stream().map(Endpoints::served).toList(),
                Json.read(row.getString("fuse"), ScorerConfig.Fuse.class),
                row.getString("rollout"));
    }

    private static ScorerConfig.ServedVariant served(Variant variant) {
        return new ScorerConfig.ServedVariant(
                variant.version().toString(),
                variant.role().name(),
                variant.weight(),
                new ScorerConfig.ModelFiles(
                        variant.manifest().hex(), variant.file().hex()));
    }

    private static Variant variant(ResultSet row, StatementContext context) throws SQLException {
        return new Variant(
                new VersionId(ModelId.parse(row.getString("model")), row.getInt("number")),
                Variant.Role.valueOf(row.getString("role")),
                row.getInt("weight"),
                new Digest(row.getString("manifest")),
                new Digest(row.getString("file")));
    }
}
