package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Keeps fuse reports until the loop has answered them. A scorer trips once in a rollout: a report that is sent again changes nothing, one
 * of a later rollout of the same version is new. Thread-safe.
 */
public final class FuseReports {
    private final Database database;
    private final InstantSource clock;

    public FuseReports(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** A report about an endpoint that has the name of the version's model. */
    public void accept(String scorer, VersionId version, String reason, JsonNode body) {
        accept(scorer, version.model(), VersionRef.of(version), reason, body);
    }

    /**
     * Keeps a report and, in the same transaction, takes the version out everywhere.
     *
     * @param body what the scorer says; its {@code rollout} is missing from scorers that are older than the server
     */
    public void accept(String scorer, ModelId endpoint, VersionRef version, String reason, JsonNode body) {
        database.writing(tx -> {
            String said = body.path("rollout").asText("");
            String rollout = said.isEmpty() ? newest(tx, endpoint) : said;
            int fresh = tx.sql()
                    .createUpdate(
                            "insert into fuse_report (id, model, number, rollout, reason, body, reported_at, handled)"
                                    + " values (:id, :model, :number, :rollout, :reason, :body, :now, 0) on conflict (id) do nothing")
                    .bind("id", id(scorer, endpoint, version, rollout))
                    .bind("model", endpoint.toString())
                    .bind("number", version.number())
                    .bind("rollout", rollout)
                    .bind("reason", reason)
                    .bind("body", Json.canonical(body))
                    .bind("now", clock.millis())
                    .execute();
            if (fresh == 1) {
                Endpoints.fuse(tx, endpoint, version, rollout, reason);
            }
        });
    }

    /** A version of the endpoint's own model is named as ever, so that a report that is sent again after an upgrade is known. */
    private static String id(String scorer, ModelId endpoint, VersionRef version, @Nullable String rollout) {
        String named = version.model().equals(endpoint.toString()) ? version.toString() : endpoint + ":" + version;
        return scorer + " " + named + (rollout == null ? "" : " " + rollout);
    }

    private static @Nullable String newest(Transaction tx, ModelId model) {
        return tx.sql()
                .createQuery("select rollout from endpoint where name = :model and rollout is not null")
                .bind("model", model.toString())
                .mapTo(String.class)
                .findOne()
                .orElse(null);
    }

    /** The oldest report of a model that nobody has answered. */
    public Optional<FuseReport> next(ModelId model) {
        return database.read(sql -> next(sql, model));
    }

    /** The same inside a transaction. */
    public Optional<FuseReport> next(Handle sql, ModelId model) {
        return sql.createQuery(
                        "select * from fuse_report where model = :model and handled = 0 order by reported_at, id limit 1")
                .bind("model", model.toString())
                .map((row, context) -> new FuseReport(
                        row.getString("id"),
                        ModelId.parse(row.getString("model")),
                        row.getInt("number"),
                        row.getString("rollout"),
                        row.getString("reason"),
                        Json.parse(row.getString("body")),
                        row.getLong("reported_at")))
                .findOne();
    }

    /** What was reported so far is over: a rollout begins, in which nobody was taken out yet. */
    public void handled(Transaction tx, ModelId endpoint) {
        tx.sql()
                .createUpdate("update fuse_report set handled = 1 where model = :model and handled = 0")
                .bind("model", endpoint.toString())
                .execute();
    }

    public void handled(Transaction tx, FuseReport report) {
        tx.sql()
                .createUpdate("update fuse_report set handled = 1 where id = :id")
                .bind("id", report.id())
                .execute();
    }
}
