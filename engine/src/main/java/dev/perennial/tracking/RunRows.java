package dev.perennial.tracking;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Runs, their parameters and tags in SQL. Inside the database a run has a number, so that rows stay short. */
final class RunRows {
    private static final String COLUMNS =
            "number, id, experiment, name, user_id, status, started_at, ended_at, artifact_uri, stage";

    private RunRows() {}

    /** What a write needs to know of a run. */
    record Key(long number, long experiment, Stage stage) {}

    static Optional<Key> find(Handle sql, String id) {
        return sql.createQuery("select number, experiment, stage from tracked_run where id = :id")
                .bind("id", id)
                .map((row, context) ->
                        new Key(row.getLong("number"), row.getLong("experiment"), Stage.of(row.getString("stage"))))
                .findOne();
    }

    static Key get(Handle sql, String id) {
        return find(sql, id).orElseThrow(() -> missing(id));
    }

    /** A run that may be written. */
    static Key active(Handle sql, String id) {
        return active(get(sql, id), id);
    }

    /** As {@link #active(Handle, String)}, for what is logged often. */
    static Key logged(Transaction tx, String id) {
        Key key = Ready.first(
                        tx,
                        "select number, experiment, stage from tracked_run where id = ?",
                        row -> new Key(row.getLong(1), row.getLong(2), Stage.of(row.getString(3))),
                        id)
                .orElseThrow(() -> missing(id));
        return active(key, id);
    }

    private static Key active(Key key, String id) {
        if (key.stage() != Stage.ACTIVE) {
            throw PerennialException.invalid(
                    "run_id",
                    "The run " + id + " must be in the 'active' state. Current state is 'deleted'; restore it first");
        }
        return key;
    }

    private static PerennialException missing(String id) {
        return PerennialException.notFound("Run with id=" + id + " not found");
    }

    static long insert(Transaction tx, RunInfo run) {
        long number =
                1 + Ready.one(tx, Purge.HIGHEST_RUN).orElseThrow(() -> new IllegalStateException("a sum has one row"));
        boolean deleted = run.stage() == Stage.DELETED;
        Ready.update(
                tx,
                "insert into tracked_run (number, id, experiment, name, user_id, status, started_at, ended_at,"
                        + " artifact_uri, stage, deleted_with_experiment, deleted_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                number,
                run.id(),
                run.experiment(),
                run.name(),
                run.user(),
                run.status().name(),
                Ready.number(run.startedAt()),
                Ready.number(run.endedAt()),
                run.artifactUri(),
                run.stage().text(),
                deleted ? 1L : 0L,
                Ready.number(deleted ? run.endedAt() : null));
        return number;
    }

    /** Changes what is given; returns the run as it is then. */
    static RunInfo update(
            Transaction tx, long run, @Nullable RunStatus status, @Nullable Long endedAt, @Nullable String name) {
        return Ready.first(
                        tx,
                        "update tracked_run set status = coalesce(?, status), ended_at = coalesce(?, ended_at),"
                                + " name = coalesce(?, name) where number = ? returning " + COLUMNS,
                        RunRows::row,
                        Ready.text(status == null ? null : status.name()),
                        Ready.number(endedAt),
                        Ready.text(name),
                        run)
                .orElseThrow(() -> new IllegalStateException("run " + run + " is gone"))
                .info();
    }

    static void rename(Transaction tx, long run, String name) {
        Ready.update(tx, "update tracked_run set name = ? where number = ?", name, run);
    }

    /** @param now when a deletion happens; a run that is deleted already keeps its time */
    static void stage(Transaction tx, long run, Stage stage, long now) {
        tx.sql()
                .createUpdate("update tracked_run set stage = :stage, deleted_with_experiment = 0,"
                        + " deleted_at = case when :stage = 'deleted' then coalesce(deleted_at, :now) end"
                        + " where number = :run")
                .bind("stage", stage.text())
                .bind("now", now)
                .bind("run", run)
                .execute();
    }

    static void putParam(Transaction tx, long run, String id, KeyValue param) {
        int added = Ready.update(
                tx,
                "insert into run_param (run, key, value) values (?, ?, ?) on conflict do nothing",
                run,
                param.key(),
                param.value());
        if (added == 0) {
            String kept = tx.sql()
                    .createQuery("select value from run_param where run = :run and key = :key")
                    .bind("run", run)
                    .bind("key", param.key())
                    .mapTo(String.class)
                    .one();
            if (!kept.equals(param.value())) {
                throw PerennialException.invalid(
                        "value",
                        "Changing param values is not allowed. Param with key='" + param.key()
                                + "' was already logged with value='" + kept + "' for run ID='" + id
                                + "'. Attempted logging new value '" + param.value() + "'.");
            }
        }
    }

    static void putTag(Transaction tx, long run, KeyValue tag) {
        Ready.update(
                tx,
                "insert into run_tag (run, key, value) values (?, ?, ?)"
                        + " on conflict (run, key) do update set value = excluded.value",
                run,
                tag.key(),
                tag.value());
    }

    static Optional<String> tag(Handle sql, long run, String key) {
        return sql.createQuery("select value from run_tag where run = :run and key = :key")
                .bind("run", run)
                .bind("key", key)
                .mapTo(String.class)
                .findOne();
    }

    static boolean deleteTag(Transaction tx, long run, String key) {
        return tx.sql()
                        .createUpdate("delete from run_tag where run = :run and key = :key")
                        .bind("run", run)
                        .bind("key", key)
                        .execute()
                > 0;
    }

    static RunInfo info(Handle sql, long number) {
        return sql.createQuery("select " + COLUMNS + " from tracked_run where number = :number")
                .bind("number", number)
                .map((row, context) -> row(row))
                .one()
                .info();
    }

    /** Complete runs in the order of the numbers. */
    static List<TrackedRun> runs(Handle sql, List<Long> numbers) {
        Map<Long, RunInfo> infos = new HashMap<>();
        RowsOf.each(sql, "select " + COLUMNS + " from tracked_run where number in (", numbers, ")", row -> {
            Row read = row(row);
            infos.put(read.number(), read.info());
        });
        Map<Long, List<Metric>> metrics = MetricRows.latest(sql, numbers);
        Map<Long, List<KeyValue>> params = Pairs.read(sql, "run_param", "run", numbers);
        Map<Long, List<KeyValue>> tags = Pairs.read(sql, "run_tag", "run", numbers);
        Map<Long, List<DatasetInput>> inputs = DatasetRows.read(sql, numbers);
        ModelLinks links = ModelLinks.read(sql, numbers);
        List<TrackedRun> runs = new ArrayList<>(numbers.size());
        for (Long number : numbers) {
            RunInfo info = infos.get(number);
            if (info != null) {
                runs.add(new TrackedRun(
                        info,
                        metrics.getOrDefault(number, List.of()),
                        params.getOrDefault(number, List.of()),
                        tags.getOrDefault(number, List.of()),
                        inputs.getOrDefault(number, List.of()),
                        links.inputs(number),
                        links.outputs(number)));
            }
        }
        return runs;
    }

    private record Row(long number, RunInfo info) {}

    /** A row of {@link #COLUMNS}. */
    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                row.getLong(1),
                new RunInfo(
                        row.getString(2),
                        row.getLong(3),
                        row.getString(4),
                        row.getString(5),
                        RunStatus.valueOf(row.getString(6)),
                        time(row, 7),
                        time(row, 8),
                        row.getString(9),
                        Stage.of(row.getString(10))));
    }

    private static @Nullable Long time(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : millis;
    }
}
