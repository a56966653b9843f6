package dev.perennial.tracking;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Reals;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.UnableToProduceResultException;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a metric of several runs at steps that are shared by all of them and evenly spread, for a curve on a screen. The first and last
 * step of each run are always among them.
 *
 * @param from first step; null together with {@code to}: from the first to the last
 * @param steps at most so many, besides first and last ones
 */
public record MetricSample(
        List<String> runs,
        String key,
        @Nullable Long from,
        @Nullable Long to,
        int steps) {
    public static final int RUNS_MAX = 100;
    public static final int STEPS_MAX = 2500;

    private static final int VALUES_OF_RUN_MAX = STEPS_MAX + 2 * RUNS_MAX;
    private static final int STEPS_OF_STATEMENT = 500;
    private static final int FETCHED = 10_000;

    /** So many values are sampled in memory; of more the database is asked several times. */
    private static final int KEPT_MAX = 500_000;

    public MetricSample {
        if (runs.isEmpty() || runs.size() > RUNS_MAX) {
            throw PerennialException.invalid(
                    "run_ids",
                    "GetMetricHistoryBulkInterval request must specify 1 to " + RUNS_MAX + " run_ids. Received "
                            + runs.size() + " run_ids.");
        }
        if (steps < 1 || steps > STEPS_MAX) {
            throw PerennialException.invalid(
                    "max_results",
                    "Invalid value " + steps + " for parameter 'max_results' supplied: expected 1 to " + STEPS_MAX);
        }
        if ((from == null) != (to == null)) {
            throw PerennialException.invalid(
                    from == null ? "start_step" : "end_step",
                    "If either start step or end step are specified, both must be specified.");
        }
        if (from != null && to != null && from > to) {
            throw PerennialException.invalid(
                    "end_step",
                    "end_step must be greater than start_step. Found start_step=" + from + " and end_step=" + to + ".");
        }
        runs = runs.stream().distinct().sorted().toList();
    }

    /** The values of one run, by step, time and value. */
    public record OfRun(String run, List<Metric> metrics) {}

    List<OfRun> read(Handle sql) {
        return read(sql, KEPT_MAX);
    }

    /**
     * @param kept so many values may be kept while they are sampled
     */
    List<OfRun> read(Handle sql, int kept) {
        Map<String, Long> numbers = new HashMap<>();
        runs.forEach(id -> RunRows.find(sql, id).ifPresent(run -> numbers.put(id, run.number())));
        if (numbers.isEmpty()) {
            return List.of();
        }
        List<OfRun> all = whole(sql, numbers, kept);
        if (!all.isEmpty()) {
            Set<Long> chosen = chosen(all);
            return all.stream()
                    .map(run -> new OfRun(run.run(), at(chosen, run.metrics())))
                    .toList();
        }
        List<Long> chosen = chosen(sql, List.copyOf(numbers.values()));
        List<OfRun> sampled = new ArrayList<>();
        for (String id : runs) {
            if (numbers.containsKey(id)) {
                sampled.add(new OfRun(id, values(sql, numbers.get(id), chosen)));
            }
        }
        return sampled;
    }

    /** All values of all runs, read once; nothing when there are too many to be kept. */
    private List<OfRun> whole(Handle sql, Map<String, Long> numbers, int kept) {
        String text = "select step, at, value, value_nan from run_metric where run = ? and key = ?"
                + (from == null ? "" : " and step between " + from + " and " + to)
                + " order by step, at, value, value_nan limit ?";
        List<OfRun> all = new ArrayList<>();
        int left = kept;
        try (PreparedStatement query = sql.getConnection().prepareStatement(text)) {
            for (String id : runs) {
                if (numbers.containsKey(id)) {
                    query.setLong(1, numbers.get(id));
                    query.setString(2, key);
                    query.setLong(3, left + 1L);
                    List<Metric> metrics = MetricRows.metrics(query, key);
                    left -= metrics.size();
                    if (left < 0) {
                        return List.of();
                    }
                    all.add(new OfRun(id, metrics));
                }
            }
            return all;
        } catch (SQLException e) {
            // The database translates the cause.
            throw new UnableToProduceResultException(e);
        }
    }

    private Set<Long> chosen(List<OfRun> all) {
        long[] distinct = all.stream()
                .flatMapToLong(run -> run.metrics().stream().mapToLong(Metric::step))
                .sorted()
                .distinct()
                .toArray();
        Set<Long> chosen = new HashSet<>();
        double apart = Math.max(1.0, (double) distinct.length / steps);
        for (int i = 0; (long) (i * apart) < distinct.length; i++) {
            chosen.add(distinct[(int) (i * apart)]);
        }
        for (OfRun run : all) {
            if (!run.metrics().isEmpty()) {
                chosen.add(run.metrics().getFirst().step());
                chosen.add(run.metrics().getLast().step());
            }
        }
        return chosen;
    }

    private static List<Metric> at(Set<Long> chosen, List<Metric> metrics) {
        return metrics.stream()
                .filter(metric -> chosen.contains(metric.step()))
                .limit(VALUES_OF_RUN_MAX)
                .toList();
    }

    private List<Long> chosen(Handle sql, List<Long> numbers) {
        TreeSet<Long> chosen = new TreeSet<>();
        long count = query(sql, "select count(distinct step) as n", "", numbers).getFirst();
        double apart = Math.max(1.0, (double) count / steps);
        long[] at = {0, 0};
        // Steps pass by in order; every apart-th stays. The last one is the last of its run, hence stays anyway.
        stream(sql, "select distinct step as n", " order by step", numbers).forEach(step -> {
            if (at[0]++ == (long) (at[1] * apart)) {
                chosen.add(step);
                at[1]++;
            }
        });
        chosen.addAll(query(sql, "select min(step) as n", " group by run", numbers));
        chosen.addAll(query(sql, "select max(step) as n", " group by run", numbers));
        return List.copyOf(chosen);
    }

    private List<Long> query(Handle sql, String select, String end, List<Long> numbers) {
        List<Long> all = new ArrayList<>();
        stream(sql, select, end, numbers).forEach(all::add);
        return all;
    }

    /** Visits one number of each row, without keeping the rows. */
    private Rows stream(Handle sql, String select, String end, List<Long> numbers) {
        String among = " from run_metric where run in (<runs>) and key = :key"
                + (from == null ? "" : " and step between :from and :to");
        return visitor -> {
            var query = sql.createQuery(select + among + end)
                    .bindList("runs", numbers)
                    .bind("key", key)
                    .setFetchSize(FETCHED);
            if (from != null && to != null) {
                query.bind("from", from).bind("to", to);
            }
            query.map((row, context) -> row.getLong("n")).useStream(found -> found.forEach(visitor));
        };
    }

    /** Numbers to be visited. */
    @FunctionalInterface
    private interface Rows {
        void forEach(java.util.function.Consumer<Long> visitor);
    }

    private List<Metric> values(Handle sql, long run, List<Long> chosen) {
        List<Metric> values = new ArrayList<>();
        for (int first = 0; first < chosen.size(); first += STEPS_OF_STATEMENT) {
            values.addAll(sql.createQuery(
                            "select step, at, value, value_nan from run_metric where run = :run and key = :key"
                                    + " and step in (<steps>) order by step, at, value, value_nan limit :limit")
                    .bind("run", run)
                    .bind("key", key)
                    .bindList("steps", chosen.subList(first, Math.min(first + STEPS_OF_STATEMENT, chosen.size())))
                    .bind("limit", VALUES_OF_RUN_MAX - values.size())
                    .map((row, context) ->
                            new Metric(key, Reals.get(row, "value"), row.getLong("at"), row.getLong("step")))
                    .list());
        }
        return values;
    }
}
