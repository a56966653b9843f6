package dev.perennial.tracking;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.UnableToProduceResultException;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Runs, their parameters and tags in SQL. Inside the database a run has a number, so that rows stay short. */
final class RunRows {
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
        try {
            PreparedStatement look = tx.prepared("select number, experiment, stage from tracked_run where id = ?");
            look.setString(1, id);
            try (ResultSet row = look.executeQuery()) {
                if (!row.next()) {
                    throw missing(id);
                }
                return active(new Key(row.getLong(1), row.getLong(2), Stage.of(row.getString(3))), id);
            }
        } catch (SQLException e) {
            throw new UnableToProduceResultException(e);
        }
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
                1 + tx.sql().createQuery(Purge.HIGHEST_RUN).mapTo(Long.class).one();
        tx.sql()
                .createUpdate(
                        "insert into tracked_run (number, id, experiment, name, user_id, status, started_at, ended_at,"
                                + " artifact_uri, stage, deleted_with_experiment, deleted_at) values (:number, :id, :experiment, :name, :user, :status,"
                                + " :started, :ended, :uri, :stage, :with, :deleted)")
                .bind("number", number)
                .bind("id", run.id())
                .bind("experiment", run.experiment())
                .bind("name", run.name())
                .bind("user", run.user())
                .bind("status", run.status().name())
                .bind("started", run.startedAt())
                .bind("ended", run.endedAt())
                .bind("uri", run.artifactUri())
                .bind("stage", run.stage().text())
                .bind("with", run.stage() == Stage.DELETED ? 1 : 0)
                .bind("deleted", run.stage() == Stage.DELETED ? run.endedAt() : null)
                .execute();
        return number;
    }

    static void update(Transaction tx, long run, @Nullable RunStatus status, @Nullable Long endedAt) {
        if (status != null) {
            tx.sql()
                    .createUpdate("update tracked_run set status = :status where number = :run")
                    .bind("status", status.name())
                    .bind("run", run)
                    .execute();
        }
        if (endedAt != null) {
            tx.sql()
                    .createUpdate("update tracked_run set ended_at = :ended where number = :run")
                    .bind("ended", endedAt)
                    .bind("run", run)
                    .execute();
        }
    }

    static void rename(Transaction tx, long run, String name) {
        tx.sql()
                .createUpdate("update tracked_run set name = :name where number = :run")
                .bind("name", name)
                .bind("run", run)
                .execute();
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
        int added = tx.sql()
                .createUpdate(
                        "insert into run_param (run, key, value) values (:run, :key, :value) on conflict do nothing")
                .bind("run", run)
                .bind("key", param.key())
                .bind("value", param.value())
                .execute();
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
        tx.sql()
                .createUpdate("insert into run_tag (run, key, value) values (:run, :key, :value)"
                        + " on conflict (run, key) do update set value = excluded.value")
                .bind("run", run)
                .bind("key", tag.key())
                .bind("value", tag.value())
                .execute();
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
        return sql.createQuery("select * from tracked_run where number = :number")
                .bind("number", number)
                .map(RunRows::row)
                .one()
                .info();
    }

    /** Complete runs in the order of the numbers. */
    static List<TrackedRun> runs(Handle sql, List<Long> numbers) {
        Map<Long, RunInfo> infos = new HashMap<>();
        for (List<Long> chunk : Pairs.chunks(numbers)) {
            sql.createQuery("select * from tracked_run where number in (<numbers>)")
                    .bindList("numbers", chunk)
                    .map(RunRows::row)
                    .list()
                    .forEach(row -> infos.put(row.number(), row.info()));
        }
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

    private static Row row(ResultSet row, StatementContext context) throws SQLException {
        return new Row(
                row.getLong("number"),
                new RunInfo(
                        row.getString("id"),
                        row.getLong("experiment"),
                        row.getString("name"),
                        row.getString("user_id"),
                        RunStatus.valueOf(row.getString("status")),
                        time(row, "started_at"),
                        time(row, "ended_at"),
                        row.getString("artifact_uri"),
                        Stage.of(row.getString("stage"))));
    }

    private static @Nullable Long time(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : millis;
    }
}
