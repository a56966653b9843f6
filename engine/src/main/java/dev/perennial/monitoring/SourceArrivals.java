package dev.perennial.monitoring;

import dev.perennial.kernel.ModelId;
import dev.perennial.store.Database;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The newest row of each source that whoever computes the served features has seen. Thread-safe. */
public final class SourceArrivals {
    private final Database database;

    public SourceArrivals(Database database) {
        this.database = database;
    }

    /**
     * @param newest by source: when its newest row became known, milliseconds
     * @param injected sources whose silence somebody made on purpose
     */
    public void report(ModelId model, Map<String, Long> newest, Set<String> injected) {
        database.writing(tx -> newest.forEach((source, at) -> tx.sql()
                .createUpdate(
                        "insert into source_arrival (model, source, newest, injected) values (:model, :source, :at, :injected)"
                                + " on conflict (model, source) do update set newest = excluded.newest, injected = excluded.injected")
                .bind("model", model.toString())
                .bind("source", source)
                .bind("at", at)
                .bind("injected", injected.contains(source) ? 1 : 0)
                .execute()));
    }

    /** Sources whose silence is a drill. */
    public Set<String> injected(ModelId model) {
        return database.read(sql ->
                Set.copyOf(sql.createQuery("select source from source_arrival where model = :model and injected = 1")
                        .bind("model", model.toString())
                        .mapTo(String.class)
                        .list()));
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
