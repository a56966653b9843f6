package dev.perennial.pipelines;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** SQL of worker processes. */
final class WorkerRows {
    /** Exit code of a process that died without a word. */
    static final int UNKNOWN_EXIT = -1;

    private WorkerRows() {}

    /** A row of {@code pipeline_worker}. */
    record WorkerRow(
            String name,
            RunId run,
            int no,
            WorkerState state,
            long version,
            int claims,
            long launchedAt,
            long stopAt,
            long endedAt,
            int exitCode,
            String message) {
        /** Whether it ended badly before it took any work. */
        boolean neverWorked() {
            return state == WorkerState.ENDED && claims == 0 && exitCode != 0;
        }
    }

    private static final String WORKER =
            "select name, run, no, state, version, claims, launched_at, stop_at, ended_at, exit_code, message from pipeline_worker ";

    /** The intent to launch the next worker of a run. */
    static WorkerRow insert(Handle sql, RunId run, long now) {
        int no = 1
                + sql.select("select coalesce(max(no), 0) from pipeline_worker where run = ?", run.text())
                        .mapTo(Integer.class)
                        .one();
        String name = run.text() + "-" + no;
        sql.execute(
                "insert into pipeline_worker (name, run, no, state, version, claims, launched_at, stop_at, ended_at, exit_code, message)"
                        + " values (?, ?, ?, 'STARTING', 0, 0, ?, 0, 0, 0, '')",
                name,
                run.text(),
                no,
                now);
        return worker(sql, name).orElseThrow();
    }

    static Optional<WorkerRow> worker(Handle sql, String name) {
        return sql.select(WORKER + "where name = ?", name).map(WorkerRows::map).findOne();
    }

    /** All that have not ended. */
    static List<WorkerRow> open(Handle sql) {
        return sql.select(WORKER + "where state <> 'ENDED' order by run, no")
                .map(WorkerRows::map)
                .list();
    }

    /** All of a run, the newest first. */
    static List<WorkerRow> ofRun(Handle sql, RunId run) {
        return sql.select(WORKER + "where run = ? order by no desc", run.text())
                .map(WorkerRows::map)
                .list();
    }

    static WorkerRow move(Handle sql, WorkerRow worker, WorkerState to, int exitCode, String message, long now) {
        RunRows.require(worker.state.next().contains(to), "worker " + worker.name, worker.state, to);
        int changed = sql.execute(
                "update pipeline_worker set state = ?, version = version + 1, stop_at = ?, ended_at = ?, exit_code = ?, message = ?"
                        + " where name = ? and version = ?",
                to.name(),
                to == WorkerState.STOPPING || to == WorkerState.LEAVING ? now : worker.stopAt,
                to == WorkerState.ENDED ? now : 0,
                exitCode,
                message,
                worker.name,
                worker.version);
        RunRows.requireOne(changed, "worker " + worker.name);
        return worker(sql, worker.name).orElseThrow();
    }

    static void claimed(Handle sql, WorkerRow worker) {
        sql.execute("update pipeline_worker set claims = claims + 1 where name = ?", worker.name);
    }

    private static WorkerRow map(ResultSet rs, StatementContext ctx) throws SQLException {
        return new WorkerRow(
                rs.getString(1),
                new RunId(rs.getString(2)),
                rs.getInt(3),
                WorkerState.valueOf(rs.getString(4)),
                rs.getLong(5),
                rs.getInt(6),
                rs.getLong(7),
                rs.getLong(8),
                rs.getLong(9),
                rs.getInt(10),
                rs.getString(11));
    }
}
