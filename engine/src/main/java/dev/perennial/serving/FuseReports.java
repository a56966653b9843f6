package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.Optional;

/** Keeps fuse reports until the loop has answered them. A report that is sent again changes nothing. Thread-safe. */
public final class FuseReports {
    private final Database database;
    private final InstantSource clock;

    public FuseReports(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    public void accept(String scorer, VersionId version, String reason, JsonNode body) {
        database.writing(tx -> tx.sql()
                .createUpdate("insert into fuse_report (id, model, number, reason, body, reported_at, handled)"
                        + " values (:id, :model, :number, :reason, :body, :now, 0) on conflict (id) do nothing")
                .bind("id", scorer + " " + version)
                .bind("model", version.model().toString())
                .bind("number", version.number())
                .bind("reason", reason)
                .bind("body", Json.canonical(body))
                .bind("now", clock.millis())
                .execute());
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
