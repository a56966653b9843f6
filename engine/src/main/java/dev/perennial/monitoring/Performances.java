package dev.perennial.monitoring;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.monitoring.atoms.Performance;
import dev.perennial.monitoring.atoms.ServedDay;
import dev.perennial.store.Database;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How good answers were in each window of closed days that ends with a closed day. Figures draw days at random a thousand times, so each
 * window is computed once: the loop keeps those its monitor judges, others stay in memory. A window is known by the revisions of its days
 * and by what is asked of it; a day that late outcomes revise makes its windows anew.
 *
 * <p>Cost model: about 5 ms of one core for a window that is new, a row of the database for one that is kept. Thread-safe.
 */
public final class Performances {
    /** Windows that stay in memory over all models; the eldest unused goes first. */
    static final int REMEMBERED_MAX = 4_096;

    /** Raise when the figures themselves are computed otherwise: what was kept is then computed anew. */
    private static final int FORMULA = 1;

    private final Database database;
    private final DayBook days;
    private final Map<String, Performance> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Performance> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    public Performances(Database database, DayBook days) {
        this.database = database;
        this.days = days;
    }

    /**
     * A window that ends with a closed day.
     *
     * @param day its last day
     * @param at end of that day, milliseconds
     */
    public record Point(LocalDate day, long at, Performance performance) {}

    private record Head(LocalDate day, long at, String revision) {}

    private record Window(Head last, String basis) {}

    /**
     * One window for each closed day, oldest first.
     *
     * @param length days of a window, at least 1
     * @param coverageFloor days with a smaller share of known outcomes are withheld
     */
    public List<Point> all(ModelId model, int length, double coverageFloor) {
        return points(model, length, windows(model, length, coverageFloor, heads(model, "")), coverageFloor);
    }

    /** The window that ends with the last closed day. */
    public Optional<Point> newest(ModelId model, int length, double coverageFloor) {
        String last = database.read(sql -> sql.createQuery("select max(day) from day_result where model = :model")
                .bind("model", model.toString())
                .mapTo(String.class)
                .findOne()
                .orElse(""));
        if (last.isEmpty()) {
            return Optional.empty();
        }
        LocalDate from = LocalDate.parse(last).minusDays(length - 1L);
        List<Window> windows = windows(model, length, coverageFloor, heads(model, from.toString()));
        return points(model, length, windows.subList(windows.size() - 1, windows.size()), coverageFloor).stream()
                .findFirst();
    }

    /** Computes and keeps the windows up to {@code day} that are not kept as their days stand now; gives the one that ends with it. */
    Performance close(ModelId model, int length, double coverageFloor, LocalDate day) {
        Map<String, String> bases = bases(model, length);
        List<Window> windows = windows(model, length, coverageFloor, heads(model, "")).stream()
                .filter(window -> !window.last().day().isAfter(day))
                .toList();
        List<Window> stale = windows.stream()
                .filter(window ->
                        !window.basis().equals(bases.get(window.last().day().toString())))
                .toList();
        List<Point> points = points(model, length, stale, coverageFloor);
        if (!points.isEmpty()) {
            keep(model, length, stale, points);
        }
        List<Window> asked = windows.stream()
                .filter(window -> window.last().day().equals(day))
                .toList();
        return points(model, length, asked, coverageFloor).stream()
                .findFirst()
                .map(Point::performance)
                .orElseGet(() -> of(model, days.days(model, day.minusDays(length - 1L), day), coverageFloor));
    }

    private List<Point> points(ModelId model, int length, List<Window> windows, double coverageFloor) {
        Map<String, Performance> known = remembered(windows);
        if (known.size() < windows.size()) {
            known.putAll(kept(model, length));
            compute(model, length, windows, coverageFloor, known);
            remember(windows, known);
        }
        List<Point> points = new ArrayList<>();
        for (Window window : windows) {
            Performance performance = known.get(window.basis());
            if (performance != null) {
                points.add(new Point(window.last().day(), window.last().at(), performance));
            }
        }
        return points;
    }

    private void compute(
            ModelId model, int length, List<Window> windows, double coverageFloor, Map<String, Performance> known) {
        List<Window> unknown = windows.stream()
                .filter(window -> !known.containsKey(window.basis()))
                .toList();
        if (unknown.isEmpty()) {
            return;
        }
        List<DayResult> results = days.days(
                model,
                unknown.getFirst().last().day().minusDays(length - 1L),
                unknown.getLast().last().day());
        for (Window window : unknown) {
            String to = window.last().day().toString();
            String from = window.last().day().minusDays(length - 1L).toString();
            List<DayResult> slice = results.stream()
                    .filter(day -> day.day().compareTo(from) >= 0 && day.day().compareTo(to) <= 0)
                    .toList();
            known.put(window.basis(), of(model, slice, coverageFloor));
        }
    }

    private static Performance of(ModelId model, List<DayResult> results, double coverageFloor) {
        String window = results.isEmpty()
                ? ""
                : results.getFirst().day() + results.getLast().day();
        List<ServedDay> served = results.stream().map(DayResult::asServedDay).toList();
        return Performance.of(
                served,
                coverageFloor,
                Digest.of("performance " + model.name() + window).seed());
    }

    private List<Window> windows(ModelId model, int length, double coverageFloor, List<Head> heads) {
        List<Window> windows = new ArrayList<>();
        int from = 0;
        for (int to = 0; to < heads.size(); to++) {
            Head last = heads.get(to);
            while (heads.get(from).day().isBefore(last.day().minusDays(length - 1L))) {
                from++;
            }
            StringBuilder basis = new StringBuilder()
                    .append(FORMULA)
                    .append('|')
                    .append(model)
                    .append('|')
                    .append(length)
                    .append('|')
                    .append(coverageFloor);
            heads.subList(from, to + 1).forEach(head -> basis.append('|').append(head.revision()));
            windows.add(new Window(last, Digest.of(basis.toString()).hex()));
        }
        return windows;
    }

    private List<Head> heads(ModelId model, String from) {
        return database.read(sql -> sql.createQuery("select day, last_event, revision, closed_at from day_result"
                        + " where model = :model and day >= :from order by day")
                .bind("model", model.toString())
                .bind("from", from)
                .map((row, context) -> new Head(
                        LocalDate.parse(row.getString("day")),
                        row.getLong("last_event"),
                        row.getString("day") + "/" + row.getInt("revision") + "/" + row.getLong("closed_at")))
                .list());
    }

    private Map<String, String> bases(ModelId model, int length) {
        Map<String, String> bases = new HashMap<>();
        database.read(sql -> sql.createQuery(
                                "select day, basis from performance_window where model = :model and days = :days")
                        .bind("model", model.toString())
                        .bind("days", length)
                        .map((row, context) -> Map.entry(row.getString("day"), row.getString("basis")))
                        .list())
                .forEach(entry -> bases.put(entry.getKey(), entry.getValue()));
        return bases;
    }

    private Map<String, Performance> kept(ModelId model, int length) {
        Map<String, Performance> kept = new HashMap<>();
        database.read(sql -> sql.createQuery(
                                "select basis, body from performance_window where model = :model and days = :days")
                        .bind("model", model.toString())
                        .bind("days", length)
                        .map((row, context) ->
                                Map.entry(row.getString("basis"), Json.read(row.getString("body"), Performance.class)))
                        .list())
                .forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
        return kept;
    }

    private void keep(ModelId model, int length, List<Window> windows, List<Point> points) {
        database.writing(tx -> {
            for (int i = 0; i < windows.size(); i++) {
                tx.sql()
                        .createUpdate(
                                "insert into performance_window (model, days, day, basis, body) values (:model, :days, :day, :basis, :body)"
                                        + " on conflict (model, days, day) do update set basis = excluded.basis, body = excluded.body")
                        .bind("model", model.toString())
                        .bind("days", length)
                        .bind("day", windows.get(i).last().day().toString())
                        .bind("basis", windows.get(i).basis())
                        .bind("body", Json.canonical(points.get(i).performance()))
                        .execute();
            }
        });
    }

    private Map<String, Performance> remembered(List<Window> windows) {
        Map<String, Performance> known = new HashMap<>();
        synchronized (remembered) {
            for (Window window : windows) {
                @Nullable Performance performance = remembered.get(window.basis());
                if (performance != null) {
                    known.put(window.basis(), performance);
                }
            }
        }
        return known;
    }

    private void remember(List<Window> windows, Map<String, Performance> known) {
        synchronized (remembered) {
            for (Window window : windows) {
                Performance performance = known.get(window.basis());
                if (performance != null) {
                    remembered.put(window.basis(), performance);
                }
            }
        }
    }
}
