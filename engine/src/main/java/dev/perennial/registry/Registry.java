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

    private static final int NUMBER_DIGITS = 10;

    private final Database database;

    public Registry(Database database) {
        this.database = database;
    }

    /** The number that the next version of a model gets. */
    public int nextNumber(Transaction tx, ModelId model) {
        return 1
                + tx.sql()
                        .createQuery("select coalesce(max(number), 0) from model_version where model = :model")
                        .bind("model", model.toString())
                        .mapTo(Integer.class)
                        .one();
    }

    public void add(Transaction tx, ModelVersion version) {
        tx.sql()
                .createUpdate(
                        "insert into model_version (model, number, created_at, event_time, source, manifest, file, lifecycle, snapshot,"
                                + " run, trained_until, state, metrics) values (:model, :number, :created, :event, :source, :manifest,"
                                + " :file, :lifecycle, :snapshot, :run, :until, :state, :metrics)")
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
        tx.sql()
                .createUpdate(
                        "insert into model_alias (model, alias, number, set_at) values (:model, :alias, :number, :at)"
                                + " on conflict (model, alias) do update set number = excluded.number, set_at = excluded.set_at")
                .bind("model", model.toString())
                .bind("alias", alias)
                .bind("number", number)
                .bind("at", at)
                .execute();
    }

    public Optional<Integer> alias(ModelId model, String alias) {
        return database.read(sql -> alias(sql, model, alias));
    }

    public Optional<Integer> alias(Handle sql, ModelId model, String alias) {
        return sql.createQuery("select number from model_alias where model = :model and alias = :alias")
                .bind("model", model.toString())
                .bind("alias", alias)
                .mapTo(Integer.class)
                .findOne();
    }

    /** Keeps a piece of evidence of a version; the same kind again replaces it. */
    public void evidence(Transaction tx, VersionId id, String kind, long at, JsonNode body) {
        tx.sql()
                .createUpdate(
                        "insert into version_evidence (model, number, kind, at, body) values (:model, :number, :kind, :at, :body)"
                                + " on conflict (model, number, kind) do update set at = excluded.at, body = excluded.body")
                .bind("model", id.model().toString())
                .bind("number", id.number())
                .bind("kind", kind)
                .bind("at", at)
                .bind("body", Json.canonical(body))
                .execute();
    }

    public Optional<JsonNode> evidence(VersionId id, String kind) {
        return database.read(sql -> sql.createQuery(
                        "select body from version_evidence where model = :model and number = :number and kind = :kind")
                .bind("model", id.model().toString())
                .bind("number", id.number())
                .bind("kind", kind)
                .mapTo(String.class)
                .findOne()
                .map(Json::parse));
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
                sql.createQuery(
                                "select * from model_version where model = :model and number < :before order by number desc limit :limit")
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
