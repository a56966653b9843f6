package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints that people make, change and delete. One that a lifecycle file made is changed by its file only. Every change is one
 * transaction with its ledger entry. Thread-safe.
 */
public final class EndpointCatalogue {
    /** Names that addresses of the serving protocols use themselves. */
    private static final Set<String> RESERVED = Set.of("stats");

    private static final int KEY_MAX = 16;
    private static final int COLUMN_MAX = 200;

    private final Database database;
    private final InstantSource clock;
    private final ServingLedger ledger;

    public EndpointCatalogue(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        this.ledger = new ServingLedger(clock);
    }

    /** The endpoint that an address or a command means, which need not be there. */
    public static ModelId meant(String text) {
        if (!ModelId.possible(text)) {
            throw misnamed("endpoint", text);
        }
        return ModelId.parse(text);
    }

    private static PerennialException misnamed(String field, String text) {
        return PerennialException.invalid(
                field,
                "endpoint name '" + text
                        + "' must be 1 to 63 of a-z, 0-9, '-', '_', '.', starting with a letter or digit");
    }

    /** The name of an endpoint that people make. */
    public static ModelId name(String text) {
        ModelId name;
        try {
            name = new ModelId(text, ModelId.LIVE);
        } catch (PerennialException e) {
            throw misnamed("name", text);
        }
        if (RESERVED.contains(text)) {
            throw PerennialException.invalid(
                    "name", "'" + text + "' is a word of the serving protocols; give the endpoint another name");
        }
        return name;
    }

    /**
     * Makes an endpoint without variants.
     *
     * @param key columns that form the prediction id; without any, callers or the scorer give one
     */
    public void create(ServingAct act, ModelId name, String project, List<String> key, EndpointSettings settings) {
        database.writing(
                tx -> ledger.entry(tx, act, "deployment.create", name, made(tx, act, name, project, key, settings)));
    }

    /** As {@link #create}, as a part of a transaction that writes its own ledger entry. */
    void createIn(Transaction tx, ServingAct act, ModelId name, String project) {
        made(tx, act, name, project, List.of(), EndpointSettings.DEFAULT);
    }

    private ObjectNode made(
            Transaction tx, ServingAct act, ModelId name, String project, List<String> key, EndpointSettings settings) {
        checkKey(key);
        if (settings.fallback() != null && settings.fallback().version() != null) {
            throw noVariant(name, settings.fallback().version());
        }
        requireFree(tx, name, project);
        tx.sql()
                .createUpdate("insert into endpoint (name, key_columns, salt, fuse, origin, project, settings,"
                        + " created_at, created_by) values (:name, :key, :salt, :fuse, 'api', :project, :settings, :now,"
                        + " :by) on conflict (name) do update set key_columns = excluded.key_columns, settings ="
                        + " excluded.settings, created_at = excluded.created_at, created_by = excluded.created_by,"
                        + " edition = endpoint.edition + 1, deleted_at = null")
                .bind("name", name.toString())
                .bind("key", Json.write(key))
                .bind("salt", Endpoints.salt(name.toString()))
                .bind("fuse", Json.write(ScorerConfig.Fuse.tolerating(FUSE_SHARE)))
                .bind("project", project)
                .bind("settings", Json.canonical(settings))
                .bind("now", clock.millis())
                .bind("by", act.actor().substring(act.actor().indexOf(':') + 1))
                .execute();
        Endpoints.raise(tx);
        return declared(key, settings).put("project", project);
    }

    /** A hundredth of the calls may fail before ten times as many are gross failure. */
    private static final double FUSE_SHARE = 0.01;

    private static void requireFree(Transaction tx, ModelId name, String project) {
        record Holder(String origin, @Nullable String project, boolean deleted) {}
        Optional<Holder> there = tx.sql()
                .createQuery("select origin, project, deleted_at from endpoint where name = :name")
                .bind("name", name.toString())
                .map((row, context) -> new Holder(
                        row.getString("origin"),
                        row.getString("project"),
                        EndpointRows.longOrNull(row, "deleted_at") != null))
                .findOne();
        if (there.isPresent()
                && !(there.get().deleted() && project.equals(there.get().project()))) {
            throw new PerennialException(
                    ErrorCode.ALREADY_EXISTS,
                    there.get().deleted()
                            ? "the name '" + name
                                    + "' belongs to an endpoint that was deleted in another project, whose"
                                    + " log is kept; choose another name"
                            : "there is an endpoint '" + name
                                    + "' already; names are unique in the installation, choose" + " another",
                    "name",
                    null);
        }
    }

    private static void checkKey(List<String> key) {
        if (key.size() > KEY_MAX) {
            throw PerennialException.invalid("key", key.size() + " key columns; at most " + KEY_MAX + " are possible");
        }
        for (String column : key) {
            if (column.isBlank() || column.length() > COLUMN_MAX) {
                throw PerennialException.invalid("key", "key column '" + column + "' must have 1 to 200 characters");
            }
        }
        if (Set.copyOf(key).size() < key.size()) {
            throw PerennialException.invalid("key", "a key column stands twice in " + key);
        }
    }

    private static ObjectNode declared(List<String> key, EndpointSettings settings) {
        ObjectNode payload = Json.object();
        payload.set("key", Json.tree(key));
        payload.put("settings", Json.canonical(settings));
        return payload;
    }

    /**
     * Changes what is declared; variants stay.
     *
     * @param key null: stays
     * @param settings members that are named are changed, the others stay
     * @param edition the one that the caller saw; null: whatever it is now
     */
    public void change(
            ServingAct act, ModelId name, @Nullable List<String> key, JsonNode settings, @Nullable Integer edition) {
        database.writing(tx -> {
            ServedEndpoint before = own(tx, name);
            if (edition != null && edition != before.edition()) {
                throw PerennialException.conflict("endpoint '" + name + "' was changed meanwhile: edition " + edition
                        + " was seen, " + before.edition() + " is there; look at it again");
            }
            List<String> columns = key == null ? before.key() : key;
            checkKey(columns);
            EndpointSettings next = before.settings().with(settings);
            checkFallback(tx, name, next);
            tx.sql()
                    .createUpdate("update endpoint set key_columns = :key, settings = :settings, edition = edition + 1"
                            + " where name = :name")
                    .bind("key", Json.write(columns))
                    .bind("settings", Json.canonical(next))
                    .bind("name", name.toString())
                    .execute();
            Endpoints.raise(tx);
            ledger.entry(tx, act, "deployment.update", name, declared(columns, next));
        });
    }

    private static void checkFallback(Transaction tx, ModelId name, EndpointSettings settings) {
        EndpointSettings.Fallback fallback = settings.fallback();
        VersionRef version = fallback == null ? null : fallback.version();
        if (version != null
                && EndpointRows.variants(tx.sql(), name).stream()
                        .noneMatch(variant -> variant.version().equals(version))) {
            throw noVariant(name, version);
        }
    }

    private static PerennialException noVariant(ModelId name, VersionRef version) {
        return PerennialException.invalid(
                "fallback",
                "endpoint '" + name + "' has no version '" + version
                        + "' to fall back to; deploy it first, as a shadow for example");
    }

    /** An endpoint that people may change; one of a lifecycle file is refused with the way to change it. */
    static ServedEndpoint own(Transaction tx, ModelId name) {
        ServedEndpoint endpoint = EndpointRows.get(tx.sql(), name);
        refuseOfFile(endpoint);
        return endpoint;
    }

    static void refuseOfFile(ServedEndpoint endpoint) {
        if (endpoint.origin() == ServedEndpoint.Origin.lifecycle) {
            throw PerennialException.state("endpoint '" + endpoint.name()
                    + "' is kept by the lifecycle file of its model: change the file and apply it ('perennial apply'),"
                    + " or deploy to an endpoint of another name");
        }
    }

    /**
     * Takes an endpoint away from all scorers. What it logged stays, and the name stays with its project.
     *
     * @param confirmed whether the caller knows that callers of its champion will be refused
     */
    public void delete(ServingAct act, ModelId name, boolean confirmed) {
        database.writing(tx -> {
            own(tx, name);
            if (EndpointRows.rollingOut(tx.sql(), name)) {
                throw PerennialException.state(
                        "a rollout moves the traffic of endpoint '" + name + "'; abort it before it is deleted");
            }
            if (DeploymentRows.running(tx.sql(), name)) {
                throw PerennialException.state("a version is being deployed to endpoint '" + name
                        + "'; wait for it, or cancel its run, before it is deleted");
            }
            List<Variant> variants = EndpointRows.variants(tx.sql(), name);
            if (!confirmed && variants.stream().anyMatch(variant -> variant.role() == Variant.Role.champion)) {
                throw PerennialException.invalid(
                        "confirm",
                        "endpoint '" + name
                                + "' answers callers, who will be refused; repeat its name as 'confirm' to delete it");
            }
            EndpointRows.replace(tx, name, List.of());
            tx.sql()
                    .createUpdate("update endpoint set deleted_at = :now, is_default = 0, previous = null"
                            + " where name = :name")
                    .bind("now", clock.millis())
                    .bind("name", name.toString())
                    .execute();
            Endpoints.raise(tx);
            ledger.entry(tx, act, "deployment.stop", name, ServingLedger.traffic(variants));
        });
    }

    /** Lets an endpoint answer the routes that name none, or nobody any more; the one before stops to. */
    public void byDefault(ServingAct act, ModelId name, boolean on) {
        database.writing(tx -> {
            EndpointRows.get(tx.sql(), name);
            if (on) {
                tx.sql()
                        .createUpdate("update endpoint set is_default = 0 where is_default = 1")
                        .execute();
            }
            tx.sql()
                    .createUpdate("update endpoint set is_default = :on where name = :name")
                    .bind("name", name.toString())
                    .bind("on", on ? 1 : 0)
                    .execute();
            Endpoints.raise(tx);
            ledger.entry(tx, act, "deployment.update", name, Json.object().put("default", Boolean.toString(on)));
        });
    }
}
