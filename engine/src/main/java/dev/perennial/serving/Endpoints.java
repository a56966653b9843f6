package dev.perennial.serving;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.registry.ModelName;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
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
     * Makes or changes the endpoint of a lifecycle file; its variants stay.
     *
     * @param keepWarmMillis how long, by the model's clock, a former champion stays loaded so that a rollback takes effect at once
     * @throws PerennialException when people made, or had, an endpoint of the model's name
     */
    public void declare(
            Transaction tx,
            ModelId model,
            List<String> key,
            ScorerConfig.Fuse fuse,
            long keepWarmMillis,
            @Nullable Long clockUntil) {
        free(tx.sql(), model);
        tx.sql()
                .createUpdate("insert into endpoint (name, key_columns, salt, clock_until, fuse, keep_warm)"
                        + " values (:name, :key, :salt, :until, :fuse, :warm) on conflict (name) do update"
                        + " set key_columns = excluded.key_columns, fuse = excluded.fuse, keep_warm = excluded.keep_warm,"
                        + " edition = endpoint.edition + 1")
                .bind("warm", keepWarmMillis)
                .bind("name", model.toString())
                .bind("key", Json.write(key))
                .bind("salt", salt(model.toString()))
                .bind("until", clockUntil)
                .bind("fuse", Json.write(fuse))
                .execute();
        raise(tx);
    }

    /**
     * Draws the callers of a lifecycle file's champion in two halves, or no more. People's endpoints always do.
     *
     * @param wanted whether their times shall be learnt
     */
    public void halves(Transaction tx, ModelId model, boolean wanted) {
        int changed = tx.sql()
                .createUpdate("update endpoint set halves = :wanted where name = :name and halves <> :wanted")
                .bind("wanted", wanted ? 1 : 0)
                .bind("name", model.toString())
                .execute();
        if (changed > 0) {
            raise(tx);
        }
    }

    private static void free(Handle sql, ModelId model) {
        boolean taken = sql.createQuery("select count(*) from endpoint where name = :name and origin = 'api'")
                        .bind("name", model.toString())
                        .mapTo(Integer.class)
                        .one()
                > 0;
        if (taken) {
            throw PerennialException.state("an endpoint '" + model
                    + "' was made without a lifecycle file, and its log is kept under that name; give the model of the"
                    + " lifecycle file another name");
        }
    }

    /** The salt of a split that nothing else splits by. */
    static String salt(String of) {
        return Digest.of("split " + of).shortHex();
    }

    public Optional<ServedEndpoint> find(ModelId name) {
        return database.read(sql -> EndpointRows.find(sql, name));
    }

    /** @throws PerennialException when there is none of that name */
    public ServedEndpoint get(ModelId name) {
        return database.read(sql -> EndpointRows.get(sql, name));
    }

    /** The project of an endpoint that people made, also of one that they deleted; empty for those of lifecycle files. */
    public Optional<String> project(ModelId name) {
        return database.read(
                sql -> sql.createQuery("select project from endpoint where name = :name and project is not null")
                        .bind("name", name.toString())
                        .mapTo(String.class)
                        .findOne());
    }

    /** All endpoints, by name. */
    public List<ServedEndpoint> list() {
        return database.read(EndpointRows::all);
    }

    /** Whether a rollout decides now what traffic the endpoint's variants get. */
    public boolean rollingOut(ModelId name) {
        return database.read(sql -> EndpointRows.rollingOut(sql, name));
    }

    /**
     * A rollout begins: it splits by a salt of its own, so that other callers are its canaries than those of the rollout before. The salt
     * follows from the id alone: it stays for the whole rollout, over restarts and while its weight grows.
     *
     * @param rollout id of the rollout
     */
    public void rollout(Transaction tx, ModelId model, String rollout) {
        tx.sql()
                .createUpdate("update endpoint set salt = :salt, rollout = :rollout where name = :model")
                .bind("salt", salt(rollout))
                .bind("rollout", rollout)
                .bind("model", model.toString())
                .execute();
        tx.sql()
                .createUpdate("update endpoint_variant set fused = null where endpoint = :model")
                .bind("model", model.toString())
                .execute();
        raise(tx);
    }

    /**
     * A scorer took a candidate out: every scorer that hears of it does at once. Nothing changes when it was in another rollout than the
     * one that runs.
     */
    static void fuse(Transaction tx, ModelId endpoint, VersionRef version, @Nullable String rollout, String reason) {
        int fused = tx.sql()
                .createUpdate(
                        "update endpoint_variant set fused = :reason where endpoint = :endpoint and version = :version"
                                + " and fused is null and role in ('canary', 'shadow') and exists (select 1 from endpoint e"
                                + " where e.name = :endpoint and coalesce(e.rollout, '') = :rollout)")
                .bind("reason", reason.isBlank() ? "a scorer took it out" : reason)
                .bind("endpoint", endpoint.toString())
                .bind("version", version.toString())
                .bind("rollout", rollout == null ? "" : rollout)
                .execute();
        if (fused > 0) {
            raise(tx);
        }
    }

    /** Names the rollout that runs already and keeps the salt that it began with. */
    public void adopt(Transaction tx, ModelId model, String rollout) {
        int named = tx.sql()
                .createUpdate("update endpoint set rollout = :rollout where name = :model"
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
                .createUpdate("update endpoint set clock_until = :until where name = :model")
                .bind("until", until)
                .bind("model", model.toString())
                .execute();
        raise(tx);
    }

    /** Until when predictions are taken in a replay; 0 without an endpoint or when the wall clock decides. */
    public long clock(ModelId model) {
        return database.read(sql -> sql.createQuery("select coalesce(clock_until, 0) from endpoint where name = :model")
                .bind("model", model.toString())
                .mapTo(Long.class)
                .findOne()
                .orElse(0L));
    }

    /** Replaces all variants of an endpoint at once; one that was warm and stays warm does not begin anew. */
    public void variants(Transaction tx, ModelId name, List<Variant> variants) {
        EndpointRows.replace(tx, name, variants);
        raise(tx);
    }

    /**
     * Lets go of former champions that were warm for long enough, each by its model's own clock; a rollback then still leads to them, but
     * scorers load them first. Costs two statements that touch no row most of the time.
     *
     * @param now the wall clock, for models outside a replay
     */
    public void cool(Transaction tx, long now) {
        String clock =
                "(select coalesce(e.clock_until, :now) from endpoint e where e.name = endpoint_variant.endpoint)";
        tx.sql()
                .createUpdate("update endpoint_variant set warm_since = " + clock
                        + " where role = 'warm' and warm_since is null")
                .bind("now", now)
                .execute();
        int cooled = tx.sql()
                .createUpdate("delete from endpoint_variant where role = 'warm' and warm_since is not null and exists"
                        + " (select 1 from endpoint e where e.name = endpoint_variant.endpoint"
                        + " and e.keep_warm is not null"
                        + " and endpoint_variant.warm_since + e.keep_warm <= coalesce(e.clock_until, :now))")
                .bind("now", now)
                .execute();
        if (cooled > 0) {
            raise(tx);
        }
    }

    public List<Variant> variants(ModelId name) {
        return database.read(sql -> variants(sql, name));
    }

    public List<Variant> variants(Handle sql, ModelId name) {
        return EndpointRows.variants(sql, name);
    }

    public long revision() {
        return database.read(sql -> counter(sql, "serving"));
    }

    /** The whole configuration as of now. */
    public ScorerConfig config() {
        return database.read(sql -> {
            Map<String, List<Variant>> byEndpoint = new HashMap<>();
            sql.createQuery("select * from endpoint_variant")
                    .map((row, context) -> byEndpoint
                            .computeIfAbsent(row.getString("endpoint"), name -> new ArrayList<>())
                            .add(EndpointRows.variant(row, context)))
                    .list();
            byEndpoint.values().forEach(variants -> variants.sort(Comparator.comparing(Variant::version)));
            Map<String, String> projects = projects(sql);
            Map<String, String> fused = new HashMap<>();
            sql.createQuery("select endpoint, version, fused from endpoint_variant where fused is not null")
                    .map((row, context) -> fused.put(
                            row.getString("endpoint") + " " + row.getString("version"), row.getString("fused")))
                    .list();
            List<ScorerConfig.Endpoint> endpoints = sql.createQuery(
                            "select * from endpoint where deleted_at is null order by name")
                    .map((row, context) ->
                            endpoint(row, byEndpoint.getOrDefault(row.getString("name"), List.of()), projects, fused))
                    .list();
            Map<String, String> unloaded = new HashMap<>();
            sql.createQuery("select endpoint, version, unloaded_by from unloaded_version")
                    .map((row, context) -> unloaded.put(
                            row.getString("endpoint") + " " + row.getString("version"), row.getString("unloaded_by")))
                    .list();
            String byDefault = sql.createQuery("select name from endpoint where is_default = 1 and deleted_at is null")
                    .mapTo(String.class)
                    .findFirst()
                    .orElse(null);
            return new ScorerConfig(
                    counter(sql, "serving"),
                    counter(sql, "flush"),
                    endpoints.stream()
                            .map(endpoint -> endpoint.without(unloaded))
                            .toList(),
                    new ScorerConfig.Defaults(byDefault),
                    ScorerConfig.Access.OPEN);
        });
    }

    /** Of models that are not in the default project. */
    private static Map<String, String> projects(Handle sql) {
        Map<String, String> projects = new HashMap<>();
        sql.createQuery("select model, project from model_project")
                .map((row, context) -> projects.put(row.getString("model"), row.getString("project")))
                .list();
        return projects;
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

    /** Scorers are to ask again. */
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

    private static ScorerConfig.Endpoint endpoint(
            ResultSet row, List<Variant> variants, Map<String, String> projects, Map<String, String> fused)
            throws SQLException {
        ModelId name = ModelId.parse(row.getString("name"));
        String project = row.getString("project");
        EndpointSettings settings = EndpointRows.settings(row);
        boolean byPeople = row.getString("origin").equals(ServedEndpoint.Origin.api.name());
        return new ScorerConfig.Endpoint(
                name.toString(),
                EndpointRows.key(row),
                row.getString("salt"),
                !name.replayed(),
                new ScorerConfig.Clock(EndpointRows.longOrNull(row, "clock_until")),
                variants.stream()
                        .map(variant -> served(variant, fused.get(name + " " + variant.version())))
                        .toList(),
                Json.read(row.getString("fuse"), ScorerConfig.Fuse.class),
                row.getString("rollout"),
                settings.mode(),
                settings.log(),
                settings.limits(),
                settings.fallback(),
                project == null ? projects.getOrDefault(name.name(), ModelName.DEFAULT_PROJECT) : project,
                byPeople || row.getInt("halves") > 0,
                byPeople);
    }

    private static ScorerConfig.ServedVariant served(Variant variant, @Nullable String fused) {
        return new ScorerConfig.ServedVariant(
                variant.version().toString(),
                variant.role().name(),
                variant.weight(),
                new ScorerConfig.ModelFiles(
                        variant.manifest().hex(), variant.file().hex(), variant.environment()),
                variant.load(),
                VariantResources.told(variant.resources()),
                fused,
                null);
    }
}
