package dev.perennial.pipelines;

import dev.perennial.kernel.PerennialException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * SQL of runs, steps and events. Every change of state is a compare-and-set on state and version and writes one event; a change that
 * does not find the row as it was read fails, and with it the transaction.
 */
final class RunRows {
    private RunRows() {}

    /** A row of {@code pipeline_run}. */
    record RunRow(
            RunId id,
            String spec,
            String pipeline,
            String subject,
            String dedupKey,
            String parameters,
            String cause,
            RunState state,
            long version,
            String reason,
            String detail,
            long createdAt,
            long endedAt) {}

    /** A row of {@code pipeline_step}. */
    record StepRow(
            RunId run,
            String path,
            int ordinal,
            String kind,
            StepExecutor executor,
            StepState state,
            long version,
            int depsOpen,
            long notBefore,
            long startedAt,
            long endedAt) {
        boolean active() {
            return state == StepState.RUNNING || state == StepState.STOPPING;
        }
    }

    private static final String RUN =
            "select id, spec, pipeline, subject, dedup_key, parameters, cause, state, version, reason, detail, created_at, ended_at"
                    + " from pipeline_run ";
    private static final String STEP =
            "select run, path, ordinal, kind, executor, state, version, deps_open, not_before, started_at, ended_at from pipeline_step ";

    static void insertSpec(Handle sql, PipelineSpec spec, String digest, String text, long now) {
        sql.execute(
                "insert into pipeline_spec (digest, name, spec, created_at) values (?, ?, ?, ?) on conflict (digest) do nothing",
                digest,
                spec.name(),
                text,
                now);
    }

    static Optional<String> spec(Handle sql, String digest) {
        return sql.select("select spec from pipeline_spec where digest = ?", digest)
                .mapTo(String.class)
                .findOne();
    }

    static void insertRun(Handle sql, RunRow run) {
        sql.execute(
                "insert into pipeline_run (id, spec, pipeline, subject, dedup_key, parameters, cause, state, version, reason, detail,"
                        + " created_at, ended_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                run.id.text(),
                run.spec,
                run.pipeline,
                run.subject,
                run.dedupKey,
                run.parameters,
                run.cause,
                run.state.name(),
                run.version,
                run.reason,
                run.detail,
                run.createdAt,
                run.endedAt);
        event(sql, run.id, "", 0, "", run.state.name(), run.createdAt, run.cause);
    }

    static void insertStep(Handle sql, StepRow step, long now) {
        sql.execute(
                "insert into pipeline_step (run, path, ordinal, kind, executor, state, version, deps_open, not_before, started_at,"
                        + " ended_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                step.run.text(),
                step.path,
                step.ordinal,
                step.kind,
                step.executor.name(),
                step.state.name(),
                step.version,
                step.depsOpen,
                step.notBefore,
                step.startedAt,
                step.endedAt);
        event(sql, step.run, step.path, 0, "", step.state.name(), now, "created");
    }

    static Optional<RunRow> run(Handle sql, RunId id) {
        return sql.select(RUN + "where id = ?", id.text()).map(RunRows::mapRun).findOne();
    }

    static RunRow runOf(Handle sql, RunId id) {
        return run(sql, id)
                .orElseThrow(() -> PerennialException.notFound(
                        "there is no pipeline run " + id + "; list the runs to see their ids"));
    }

    static Optional<RunRow> runOfKey(Handle sql, String dedupKey) {
        return sql.select(RUN + "where dedup_key = ?", dedupKey)
                .map(RunRows::mapRun)
                .findOne();
    }

    static List<RunRow> open(Handle sql) {
        return sql.select(RUN + "where state in ('RUNNING', 'CANCELLING') order by id")
                .map(RunRows::mapRun)
                .list();
    }

    static List<RunRow> before(Handle sql, Optional<String> subject, String after, int limit) {
        String from = after.isEmpty() ? "g" : after;
        return subject.isEmpty()
                ? sql.select(RUN + "where id < ? order by id desc limit ?", from, limit)
                        .map(RunRows::mapRun)
                        .list()
                : sql.select(RUN + "where subject = ? and id < ? order by id desc limit ?", subject.get(), from, limit)
                        .map(RunRows::mapRun)
                        .list();
    }

    static List<StepRow> steps(Handle sql, RunId run) {
        return sql.select(STEP + "where run = ? order by ordinal", run.text())
                .map(RunRows::mapStep)
                .list();
    }

    static StepRow step(Handle sql, RunId run, String path) {
        return sql.select(STEP + "where run = ? and path = ?", run.text(), path)
                .map(RunRows::mapStep)
                .findOne()
                .orElseThrow(() -> PerennialException.notFound("run " + run + " has no step '" + path + "'"));
    }

    static RunRow moveRun(Handle sql, RunRow run, RunState to, String reason, String detail, long now) {
        require(run.state.next().contains(to), "run " + run.id, run.state, to);
        long ended = to.terminal() ? now : 0;
        int changed = sql.execute(
                "update pipeline_run set state = ?, version = version + 1, reason = ?, detail = ?, ended_at = ?"
                        + " where id = ? and state = ? and version = ?",
                to.name(),
                reason,
                detail,
                ended,
                run.id.text(),
                run.state.name(),
                run.version);
        requireOne(changed, "run " + run.id);
        event(sql, run.id, "", 0, run.state.name(), to.name(), now, detail.isEmpty() ? reason : detail);
        return runOf(sql, run.id);
    }

    static StepRow moveStep(Handle sql, StepRow step, StepState to, long notBefore, long now, String cause) {
        require(step.state.next().contains(to), "step " + step.run + "/" + step.path, step.state, to);
        int changed = sql.execute(
                "update pipeline_step set state = ?, version = version + 1, not_before = ?, started_at = ?, ended_at = ?"
                        + " where run = ? and path = ? and state = ? and version = ?",
                to.name(),
                notBefore,
                to == StepState.RUNNING && step.startedAt == 0 ? now : step.startedAt,
                to.terminal() ? now : 0,
                step.run.text(),
                step.path,
                step.state.name(),
                step.version);
        requireOne(changed, "step " + step.run + "/" + step.path);
        event(sql, step.run, step.path, 0, step.state.name(), to.name(), now, cause);
        return step(sql, step.run, step.path);
    }

    /** One dependency of a waiting step succeeded; returns the step with the new count. */
    static StepRow closeDependency(Handle sql, StepRow step) {
        int changed = sql.execute(
                "update pipeline_step set deps_open = deps_open - 1, version = version + 1 where run = ? and path = ? and version = ?",
                step.run.text(),
                step.path,
                step.version);
        requireOne(changed, "step " + step.run + "/" + step.path);
        return step(sql, step.run, step.path);
    }

    static void event(Handle sql, RunId run, String path, int attempt, String from, String to, long at, String cause) {
        sql.execute(
                "insert into pipeline_event (run, seq, path, attempt, from_state, to_state, at, cause)"
                        + " select ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ?, ? from pipeline_event where run = ?",
                run.text(),
                path,
                attempt,
                from,
                to,
                at,
                cause,
                run.text());
    }

    static List<RunEvent> events(Handle sql, RunId run, long after, int limit) {
        return sql.select(
                        "select run, seq, path, attempt, from_state, to_state, at, cause from pipeline_event"
                                + " where run = ? and seq > ? order by seq limit ?",
                        run.text(),
                        after,
                        limit)
                .map((rs, ctx) -> new RunEvent(
                        new RunId(rs.getString(1)),
                        rs.getLong(2),
                        rs.getString(3),
                        rs.getInt(4),
                        rs.getString(5),
                        rs.getString(6),
                        rs.getLong(7),
                        rs.getString(8)))
                .list();
    }

    static void require(boolean allowed, String what, Enum<?> from, Enum<?> to) {
        if (!allowed) {
            throw PerennialException.state(what + " cannot go from " + from + " to " + to);
        }
    }

    static void requireOne(int changed, String what) {
        if (changed != 1) {
            throw PerennialException.conflict(what + " was changed by somebody else meanwhile; read it again");
        }
    }

    private static RunRow mapRun(ResultSet rs, StatementContext ctx) throws SQLException {
        return new RunRow(
                new RunId(rs.getString(1)),
                rs.getString(2),
                rs.getString(3),
                rs.getString(4),
                rs.getString(5),
                rs.getString(6),
                rs.getString(7),
                RunState.valueOf(rs.getString(8)),
                rs.getLong(9),
                rs.getString(10),
                rs.getString(11),
                rs.getLong(12),
                rs.getLong(13));
    }

    private static StepRow mapStep(ResultSet rs, StatementContext ctx) throws SQLException {
        return new StepRow(
                new RunId(rs.getString(1)),
                rs.getString(2),
                rs.getInt(3),
                rs.getString(4),
                StepExecutor.valueOf(rs.getString(5)),
                StepState.valueOf(rs.getString(6)),
                rs.getLong(7),
                rs.getInt(8),
                rs.getLong(9),
                rs.getLong(10),
                rs.getLong(11));
    }
}
