package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.statement.StatementContext;

/** Closed days whose served features were compared with what the sources say. Thread-safe. */
public final class SkewDays {
    private static final String AFTER_ALL = "9999-99-99";

    private final Database database;

    SkewDays(Database database) {
        this.database = database;
    }

    /**
     * @param at the model's clock when it was compared
     * @param run the pipeline run that did it; empty for a day on which nothing was served
     * @param cells values compared
     * @param differing of them not equal
     * @param columns by name {@code {rows, equal, differing, examples}}
     */
    public record Day(String day, long at, String run, long cells, long differing, JsonNode columns) {}

    /** Compared days of a model, newest first. */
    public Page<Day> page(ModelId model, PageRequest page) {
        return database.read(sql -> page.page(
                sql.createQuery(
                                "select * from skew_day where model = :model and day < :before order by day desc limit :limit")
                        .bind("model", model.toString())
                        .bind("before", page.after().orElse(AFTER_ALL))
                        .bind("limit", page.limit() + 1)
                        .map(SkewDays::day)
                        .list(),
                Day::day));
    }

    /** The newest day of which served rows were compared. */
    Optional<Day> newest(ModelId model) {
        return database.read(sql -> sql.createQuery(
                        "select * from skew_day where model = :model and run <> '' order by day desc limit 1")
                .bind("model", model.toString())
                .map(SkewDays::day)
                .findOne());
    }

    /** Days of {@code [first, last]} that nobody compared, oldest first. */
    List<LocalDate> open(ModelId model, LocalDate first, LocalDate last) {
        if (last.isBefore(first)) {
            return List.of();
        }
        Set<String> compared = Set.copyOf(database.read(sql -> sql.createQuery(
                        "select day from skew_day where model = :model and day >= :first and day <= :last")
                .bind("model", model.toString())
                .bind("first", first.toString())
                .bind("last", last.toString())
                .mapTo(String.class)
                .list()));
        return first.datesUntil(last.plusDays(1))
                .filter(day -> !compared.contains(day.toString()))
                .toList();
    }

    /**
     * Keeps what a comparison found for every day of {@code [first, last]}; a day compared anew is replaced.
     *
     * @param run the pipeline run; empty when there was nothing to compare
     * @param days as the skew step tells them
     */
    void keep(
            Transaction tx,
            ModelId model,
            LocalDate first,
            LocalDate last,
            long at,
            Optional<String> run,
            JsonNode days) {
        TreeMap<String, JsonNode> byDay = new TreeMap<>();
        days.forEach(day -> byDay.put(day.path("day").asText(), day.path("columns")));
        first.datesUntil(last.plusDays(1))
                .forEach(day -> tx.sql()
                        .createUpdate(
                                "insert into skew_day (model, day, at, run, body) values (:model, :day, :at, :run, :body)"
                                        + " on conflict (model, day) do update set at = excluded.at, run = excluded.run, body = excluded.body")
                        .bind("model", model.toString())
                        .bind("day", day.toString())
                        .bind("at", at)
                        .bind("run", byDay.containsKey(day.toString()) ? run.orElse("") : "")
                        .bind("body", Json.canonical(byDay.getOrDefault(day.toString(), Json.object())))
                        .execute());
    }

    private static Day day(ResultSet row, StatementContext context) throws SQLException {
        JsonNode columns = Json.parse(row.getString("body"));
        long cells = 0;
        long differing = 0;
        for (JsonNode column : columns) {
            cells += column.path("rows").asLong();
            differing += column.path("differing").asLong();
        }
        return new Day(row.getString("day"), row.getLong("at"), row.getString("run"), cells, differing, columns);
    }
}
