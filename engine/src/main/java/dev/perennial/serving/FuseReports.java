package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.Optional;
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

    /** @param body what the scorer says; its {@code rollout} is missing from scorers that are older than the server */
    public void accept(String scorer, VersionId version, String reason, JsonNode body) {
        database.writing(tx -> {
            String said = body.path("rollout").asText("");
            String rollout = said.isEmpty() ? newest(tx, version.model()) : said;
            tx.sql()
                    .createUpdate(
                            "insert into fuse_report (id, model, number, rollout, reason, body, reported_at, handled)"
                                    + " values (:id, :model, :number, :rollout, :reason, :body, :now, 0) on conflict (id) do nothing")
                    .bind("id", scorer + " " + version + (rollout == null ? "" : " " + rollout))
                    .bind("model", version.model().toString())
                    .bind("number", version.number())
                    .bind("rollout", rollout)
                    .bind("reason", reason)
                    .bind("body", Json.canonical(body))
                    .bind("now", clock.millis())
                    .execute();
        });
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
        return database.read(sql -> sql.createQuery(
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
                .findOne());
    }

    public void handled(Transaction tx, FuseReport report) {
        tx.sql()
                .createUpdate("update fuse_report set handled = 1 where id = :id")
                .bind("id", report.id())
                .execute();
    }
}
