package dev.perennial.monitoring;

import dev.perennial.kernel.ModelId;
import dev.perennial.store.Database;
import java.util.HashMap;
import java.util.Map;

/** The newest row of each source that whoever computes the served features has seen. Thread-safe. */
public final class SourceArrivals {
    private final Database database;

    public SourceArrivals(Database database) {
        this.database = database;
    }

    /** @param newest by source: when its newest row became known, milliseconds */
    public void report(ModelId model, Map<String, Long> newest) {
        database.writing(tx -> newest.forEach((source, at) -> tx.sql()
                .createUpdate("insert into source_arrival (model, source, newest) values (:model, :source, :at)"
                        + " on conflict (model, source) do update set newest = excluded.newest where source_arrival.newest < excluded.newest")
                .bind("model", model.toString())
                .bind("source", source)
                .bind("at", at)
                .execute()));
    }

    public Map<String, Long> newest(ModelId model) {
        Map<String, Long> newest = new HashMap<>();
        database.read(sql -> sql.createQuery("select source, newest from source_arrival where model = :model")
                        .bind("model", model.toString())
                        .map((row, context) -> Map.entry(row.getString("source"), row.getLong("newest")))
                        .list())
                .forEach(entry -> newest.put(entry.getKey(), entry.getValue()));
        return newest;
    }
}
