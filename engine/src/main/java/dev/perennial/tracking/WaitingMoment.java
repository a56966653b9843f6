package dev.perennial.tracking;

import dev.perennial.store.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * The newest moment of a run, whose values are in the history and not yet among the latest values. All other values of the run are
 * accounted for there. A training logs the same names moment after moment, so most moments are overtaken before anybody asks for them; who
 * reads latest values adds those that wait. SQLite only: PostgreSQL would pay for the shared row with conflicts.
 *
 * @param keys digest of the names: 64 bits, so that two sets of names have the same by an accident in 10^19
 */
record WaitingMoment(long step, long at, long keys) {
    private static final long FNV_START = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private static final String FIND =
            "select step, at, keys from run_metric_unranked where run = ? and step is not null";
    private static final String NEWEST =
            "select step, at from run_metric where run = ? order by step desc, at desc limit 1";
    private static final String KEEP = "insert into run_metric_unranked (run, step, at, keys) values (?, ?, ?, ?)"
            + " on conflict (run) do update set step = excluded.step, at = excluded.at, keys = excluded.keys";
    private static final String NONE =
            "insert into run_metric_unranked as u (run) values (?) on conflict (run) do update"
                    + " set step = null, at = null, keys = null where u.step is not null";
    private static final String COPY =
            "replace into run_metric_latest (run, step, at, key, value, value_nan) select run, step, at, key, value, value_nan"
                    + " from run_metric where run = ? and step = ? and at = ? order by key, value, value_nan";
    private static final String COPY_ALL =
            "replace into run_metric_latest (run, step, at, key, value, value_nan) select m.run, m.step, m.at, m.key, m.value,"
                    + " m.value_nan from run_metric_unranked u cross join run_metric m on m.run = u.run and m.step = u.step"
                    + " and m.at = u.at where u.step is not null order by m.run, m.key, m.value, m.value_nan";

    /** The moment of values that have it in common, by key. */
    static WaitingMoment of(long step, long at, List<Metric> byKey) {
        long digest = FNV_START;
        String last = "";
        for (Metric metric : byKey) {
            String key = metric.key();
            if (!key.equals(last)) {
                for (int i = 0; i < key.length(); i++) {
                    digest = (digest ^ key.charAt(i)) * FNV_PRIME;
                }
                digest = (digest ^ '\n') * FNV_PRIME; // no name has one
                last = key;
            }
        }
        return new WaitingMoment(step, at, digest);
    }

    static Optional<WaitingMoment> of(Transaction tx, long run) {
        return Ready.first(tx, FIND, row -> new WaitingMoment(row.getLong(1), row.getLong(2), row.getLong(3)), run);
    }

    boolean hasNamesOf(WaitingMoment other) {
        return keys == other.keys;
    }

    private boolean isBehind(long otherStep, long otherAt) {
        return step > otherStep || (step == otherStep && at > otherAt);
    }

    /** Whether the run has no value of this or a later moment. */
    boolean isBehindAll(Transaction tx, long run, Optional<WaitingMoment> newest) {
        return newest.map(known -> isBehind(known.step, known.at))
                .orElseGet(() -> Ready.first(tx, NEWEST, row -> isBehind(row.getLong(1), row.getLong(2)), run)
                        .orElse(true));
    }

    /** Notes that the values of this moment wait, in place of an earlier one. */
    void keep(Transaction tx, long run) {
        Ready.update(tx, KEEP, run, step, at, keys);
    }

    /** Notes that nothing waits, only that the run has to be ranked. */
    static void none(Transaction tx, long run) {
        Ready.update(tx, NONE, run);
    }

    /** What waits is later than the latest values, so it takes their place. */
    void copyToLatest(Transaction tx, long run) {
        Ready.update(tx, COPY, run, step, at);
    }

    /** The same for all runs, of which none waits then. */
    static void copyAllToLatest(Transaction tx) {
        boolean any = tx.sql()
                .createQuery("select run from run_metric_unranked where step is not null limit 1")
                .mapTo(Long.class)
                .findOne()
                .isPresent();
        if (any) {
            tx.sql().execute(COPY_ALL);
            tx.sql()
                    .execute(
                            "update run_metric_unranked set step = null, at = null, keys = null where step is not null");
        }
    }

    /** Puts the values that wait in the place of earlier ones. */
    static void add(Handle sql, List<Long> runs, Map<Long, List<Metric>> latest) {
        List<Long> waiting = new ArrayList<>();
        RowsOf.each(
                sql,
                "select run from run_metric_unranked where step is not null and run in (",
                runs,
                ")",
                row -> waiting.add(row.getLong(1)));
        Map<Long, TreeMap<String, Metric>> byKey = new TreeMap<>();
        RowsOf.each(
                sql,
                "select m.run, m.key, m.step, m.at, m.value, m.value_nan from run_metric_unranked u join run_metric m"
                        + " on m.run = u.run and m.step = u.step and m.at = u.at where u.run in (",
                waiting,
                ") order by m.run, m.key, m.value, m.value_nan",
                row -> byKey.computeIfAbsent(row.getLong(1), run -> known(latest.getOrDefault(run, List.of())))
                        .put(row.getString(2), MetricRows.metric(row)));
        byKey.forEach((run, metrics) -> latest.put(run, new ArrayList<>(metrics.values())));
    }

    private static TreeMap<String, Metric> known(List<Metric> latest) {
        TreeMap<String, Metric> byKey = new TreeMap<>();
        latest.forEach(metric -> byKey.put(metric.key(), metric));
        return byKey;
    }
}
