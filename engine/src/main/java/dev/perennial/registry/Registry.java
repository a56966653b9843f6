package dev.perennial.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Versions of models, their aliases and their evidence. Changes take the caller's transaction, because a version, its verdict and its
 * ledger entry belong together. Thread-safe.
 */
public final class Registry {
    /** The alias that takes the traffic. */
    public static final String CHAMPION = "champion";

    /** What stands before the colon in the source of a version whose files are kept by the loop alone. */
    static final String LOOP_SCHEME = "perennial";

    /** Where the files of a version are among those of its run. */
    public static final String FILES = "/model";

    private static final int NUMBER_DIGITS = 10;

    private final Database database;

    public Registry(Database database) {
        this.database = database;
    }

    /** The number that the next version of a model gets, whoever registers it. */
    public int nextNumber(Transaction tx, ModelId model) {
        return 1
                + tx.sql()
                        .createQuery(
                                "select coalesce(max(number), 0) from (select number from model_version where model ="
                                        + " :model union all select last_number from registered_model where ref = :model)"
                                        + " known")
                        .bind("model", model.toString())
                        .mapTo(Integer.class)
                        .one();
    }

    /**
     * Gives a model of the loop its place among the registered models. One that people registered before under this name becomes the
     * loop's, with the versions that it has.
     *
     * @param title tells people what the model predicts; it becomes the description where there is none
     */
    public static void adopt(Transaction tx, ModelId model, String title, long at) {
        ModelName name = ModelName.of(model.toString());
        Optional<ModelRows.Row> known = ModelRows.find(tx.sql(), name);
        if (known.isEmpty()) {
            ModelRows.insert(tx, name, title.isEmpty() ? null : title, ModelRows.LOOP_USER, true, at);
        } else {
            tx.sql()
                    .createUpdate("update registered_model set in_loop = 1, description = coalesce(description, :title)"
                            + " where id = :id")
                    .bind("title", title.isEmpty() ? null : title)
                    .bind("id", known.get().id())
                    .execute();
        }
    }

    /** Adds a version of the loop, for all who read the registry. */
    public void add(Transaction tx, ModelVersion version) {
        adopt(tx, version.id().model(), "", version.createdAt());
        insert(tx, version);
        register(tx, version);
    }

    private static void register(Transaction tx, ModelVersion version) {
        ModelName name = ModelName.of(version.id().model().toString());
        ModelRows.Row model = ModelRows.get(tx.sql(), name);
        tx.sql()
                .createUpdate(
                        "update registered_model set updated_at = :at, last_number = case when last_number < :number"
                                + " then :number else last_number end where id = :id")
                .bind("at", version.createdAt())
                .bind("number", version.id().number())
                .bind("id", model.id())
                .execute();
        String run = version.run();
        VersionRows.Row row = new VersionRows.Row(
                new VersionRows.Id(model.id(), version.id().number()),
                new RegisteredVersion.Origin(
                        run == null ? LOOP_SCHEME + ":/" + version.id() : "runs:/" + run + FILES,
                        null,
                        run,
                        null,
                        null),
                VersionStage.NONE,
                new RegisteredVersion.Standing(RegisteredVersion.Status.READY, null, null),
                new RegisteredVersion.Times(version.createdAt(), version.createdAt()),
                ModelRows.LOOP_USER,
                null);
        VersionRows.insert(tx, row);
        if (!version.id().model().replayed()) {
            RegisteredVersions.created(tx, VersionRows.filled(tx.sql(), row), version.createdAt());
        }
    }

    private static void insert(Transaction tx, ModelVersion version) {
        tx.sql()
                .createUpdate(
                        "insert into model_version (model, number, created_at, event_time, source, manifest, file,"
                                + " lifecycle, snapshot, run, trained_until, state, metrics) values (:model, :number,"
                                + " :created, :event, :source, :manifest, :file, :lifecycle, :snapshot, :run, :until,"
                                + " :state, :metrics)")
                .bind("model", version.id().model().toString())
                .bind("number", version.id().number())
                .bind("created", version.createdAt())
                .bind("event", version.eventTime())
                .bind("source", version.source().name())
                .bind("manifest", version.manifest().hex())
                .bind("file", version.file().hex())
                .bind("lifecycle", version.lifecycle().hex())
                .bind("snapshot", hex(version.snapshot()))
                .bind("run", version.run())
                .bind("until", version.trainedUntil())
                .bind("state", version.state().name())
                .bind("metrics", Json.canonical(version.metrics()))
                .execute();
    }

    public void state(Transaction tx, VersionId id, ModelVersion.State state) {
        tx.sql()
                .createUpdate("update model_version set state = :state where model = :model and number = :number")
                .bind("state", state.name())
                .bind("model", id.model().toString())
                .bind("number", id.number())
                .execute();
    }

    /** Points an alias at a version. */
    public void alias(Transaction tx, ModelId model, String alias, int number, long at) {
        AliasRows.put(tx, model.toString(), alias, number, at);
        if (!model.replayed()) {
            RegistryEvent.MODEL_VERSION_ALIAS_CREATED.append(
                    tx,
                    ModelName.DEFAULT_PROJECT,
                    at,
                    Json.object()
                            .put("name", model.toString())
                            .put("alias", alias)
                            .put("version", String.valueOf(number)));
        }
    }

    public Optional<Integer> alias(ModelId model, String alias) {
        return database.read(sql -> alias(sql, model, alias));
    }

    /** The version that an alias points to, when it is one of the loop's: one that people registered does not take part in it. */
    public Optional<Integer> alias(Handle sql, ModelId model, String alias) {
        return AliasRows.find(sql, model.toString(), alias).filter(number -> !fromPeople(sql, model, number));
    }

    private static boolean fromPeople(Handle sql, ModelId model, int number) {
        return sql.createQuery("select 1 from registered_version v join registered_model m on m.id = v.model"
                        + " where m.ref = :model and v.number = :number and not exists"
                        + " (select 1 from model_version l where l.model = :model and l.number = :number)")
                .bind("model", model.toString())
                .bind("number", number)
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    /** Keeps a piece of evidence of a version; the same kind again replaces it. */
    public void evidence(Transaction tx, VersionId id, String kind, long at, JsonNode body) {
        tx.sql()
                .createUpdate(
                        "insert into version_evidence (model, number, kind, at, body) values (:model, :number, :kind,"
                                + " :at, :body) on conflict (model, number, kind) do update set at = excluded.at, body ="
                                + " excluded.body")
                .bind("model", id.model().toString())
                .bind("number", id.number())
                .bind("kind", kind)
                .bind("at", at)
                .bind("body", Json.canonical(body))
                .execute();
    }

    public Optional<JsonNode> evidence(VersionId id, String kind) {
        return database.read(sql -> evidence(sql, id, kind));
    }

    public Optional<JsonNode> evidence(Handle sql, VersionId id, String kind) {
        return sql.createQuery(
                        "select body from version_evidence where model = :model and number = :number and kind = :kind")
                .bind("model", id.model().toString())
                .bind("number", id.number())
                .bind("kind", kind)
                .mapTo(String.class)
                .findOne()
                .map(Json::parse);
    }

    public Optional<ModelVersion> find(VersionId id) {
        return database.read(sql -> find(sql, id));
    }

    public Optional<ModelVersion> find(Handle sql, VersionId id) {
        return sql.createQuery("select * from model_version where model = :model and number = :number")
                .bind("model", id.model().toString())
                .bind("number", id.number())
                .map(Registry::version)
                .findOne();
    }

    public ModelVersion version(VersionId id) {
        return find(id).orElseThrow(() ->
                PerennialException.notFound("no version '" + id + "'; see the versions of '" + id.model() + "'"));
    }

    /** Versions of a model, newest first. */
    public Page<ModelVersion> versions(ModelId model, PageRequest page) {
        int before = page.after().map(Integer::parseInt).orElse(Integer.MAX_VALUE);
        return database.read(sql -> page.page(
                sql.createQuery("select * from model_version where model = :model and number < :before order by number"
                                + " desc limit :limit")
                        .bind("model", model.toString())
                        .bind("before", before)
                        .bind("limit", page.limit() + 1)
                        .map(Registry::version)
                        .list(),
                version -> String.format(
                        Locale.ROOT, "%0" + NUMBER_DIGITS + "d", version.id().number())));
    }

    private static ModelVersion version(ResultSet row, StatementContext context) throws SQLException {
        long until = row.getLong("trained_until");
        boolean proven = !row.wasNull();
        return new ModelVersion(
                new VersionId(ModelId.parse(row.getString("model")), row.getInt("number")),
                row.getLong("created_at"),
                row.getLong("event_time"),
                ModelVersion.Source.valueOf(row.getString("source")),
                new Digest(row.getString("manifest")),
                new Digest(row.getString("file")),
                new Digest(row.getString("lifecycle")),
                digest(row.getString("snapshot")),
                row.getString("run"),
                proven ? until : null,
                ModelVersion.State.valueOf(row.getString("state")),
                Json.parse(row.getString("metrics")));
    }

    private static @Nullable Digest digest(@Nullable String hex) {
        return hex == null ? null : new Digest(hex);
    }

    private static @Nullable String hex(@Nullable Digest digest) {
        return digest == null ? null : digest.hex();
    }
}
