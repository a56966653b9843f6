package dev.perennial.pipelines;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** SQL of attempts and outputs. */
final class AttemptRows {
    private AttemptRows() {}

    /** A row of {@code pipeline_attempt}, without what only views show. */
    record AttemptRow(
            RunId run,
            String path,
            int no,
            long fence,
            String tokenHash,
            AttemptState state,
            FailureClass failure,
            StepExecutor executor,
            String owner,
            long heartbeatAt,
            long startedAt) {}

    /** How an attempt ended. */
    record End(AttemptState state, FailureClass failure, String message, long cpuMillis, long rssBytesMax, long logTo) {
        static End success(long cpuMillis, long rssBytesMax, long logTo) {
            return new End(AttemptState.SUCCEEDED, FailureClass.NONE, "", cpuMillis, rssBytesMax, logTo);
        }

        static End failure(FailureClass failure, String message) {
            return new End(AttemptState.FAILED, failure, message, 0, 0, 0);
        }

        static End lost(String message) {
            return new End(AttemptState.LOST, FailureClass.INFRA, message, 0, 0, 0);
        }

        static End cancelled(String message) {
            return new End(AttemptState.CANCELLED, FailureClass.NONE, message, 0, 0, 0);
        }
    }

    /** What a step made. */
    record Outputs(Map<String, JsonNode> values, Map<String, Digest> files) {}

    private static final String ATTEMPT =
            "select run, path, no, fence, token_hash, state, failure_class, executor, owner, heartbeat_at, started_at"
                    + " from pipeline_attempt ";

    static AttemptRow insert(
            Handle sql, RunRows.StepRow step, String owner, String token, long lease, long logFrom, long now) {
        int no = 1
                + sql.select(
                                "select coalesce(max(no), 0) from pipeline_attempt where run = ? and path = ?",
                                step.run().text(),
                                step.path())
                        .mapTo(Integer.class)
                        .one();
        long fence = 1
                + sql.select("select coalesce(max(fence), 0) from pipeline_attempt")
                        .mapTo(Long.class)
                        .one();
        sql.execute(
                "insert into pipeline_attempt (run, path, no, fence, token_hash, state, failure_class, executor, owner, heartbeat_at,"
                        + " lease_until, started_at, ended_at, message, cpu_millis, rss_bytes_max, log_from, log_to)"
                        + " values (?, ?, ?, ?, ?, 'RUNNING', 'NONE', ?, ?, ?, ?, ?, 0, '', 0, 0, ?, 0)",
                step.run().text(),
                step.path(),
                no,
                fence,
                Digest.of(token).hex(),
                step.executor().name(),
                owner,
                now,
                now + lease,
                now,
                logFrom);
        RunRows.event(sql, step.run(), step.path(), no, "", AttemptState.RUNNING.name(), now, owner);
        return attempt(sql, step.run(), step.path(), no).orElseThrow();
    }

    static Optional<AttemptRow> attempt(Handle sql, RunId run, String path, int no) {
        return sql.select(ATTEMPT + "where run = ? and path = ? and no = ?", run.text(), path, no)
                .map(AttemptRows::map)
                .findOne();
    }

    static Optional<AttemptRow> running(Handle sql, RunId run, String path) {
        return sql.select(ATTEMPT + "where run = ? and path = ? and state = 'RUNNING'", run.text(), path)
                .map(AttemptRows::map)
                .findOne();
    }

    static Optional<AttemptRow> ofToken(Handle sql, String token) {
        return sql.select(ATTEMPT + "where token_hash = ?", Digest.of(token).hex())
                .map(AttemptRows::map)
                .findOne();
    }

    static Optional<AttemptRow> ofOwner(Handle sql, String owner) {
        return sql.select(ATTEMPT + "where owner = ? and state = 'RUNNING'", owner)
                .map(AttemptRows::map)
                .findOne();
    }

    /** Running attempts of threads of an engine that is not this one. */
    static List<AttemptRow> inlineOfOthers(Handle sql, String engine) {
        return sql.select(ATTEMPT + "where state = 'RUNNING' and executor = 'INLINE' and owner <> ?", engine)
                .map(AttemptRows::map)
                .list();
    }

    static void retoken(Handle sql, AttemptRow attempt, String token) {
        int changed = sql.execute(
                "update pipeline_attempt set token_hash = ? where fence = ? and state = 'RUNNING'",
                Digest.of(token).hex(),
                attempt.fence);
        RunRows.requireOne(changed, "attempt " + attempt.fence);
    }

    static void end(Handle sql, AttemptRow attempt, End end, long now) {
        RunRows.require(attempt.state.next().contains(end.state), "attempt " + attempt.fence, attempt.state, end.state);
        int changed = sql.execute(
                "update pipeline_attempt set state = ?, failure_class = ?, message = ?, ended_at = ?, cpu_millis = ?,"
                        + " rss_bytes_max = ?, log_to = ? where fence = ? and state = ?",
                end.state.name(),
                end.failure.name(),
                end.message,
                now,
                end.cpuMillis,
                end.rssBytesMax,
                end.logTo,
                attempt.fence,
                attempt.state.name());
        RunRows.requireOne(changed, "attempt " + attempt.fence);
        RunRows.event(
                sql,
                attempt.run,
                attempt.path,
                attempt.no,
                attempt.state.name(),
                end.state.name(),
                now,
                end.failure + " " + end.message);
    }

    static void renew(Handle sql, Collection<Long> fences, long now, long lease) {
        fences.forEach(fence -> sql.execute(
                "update pipeline_attempt set heartbeat_at = ?, lease_until = ? where fence = ? and state = 'RUNNING'",
                now,
                now + lease,
                fence));
    }

    /** How many attempts of a step ended on the account of the platform, or on that of the step. */
    static int failures(Handle sql, RunId run, String path, boolean infra) {
        String which = infra ? "failure_class = 'INFRA'" : "failure_class not in ('INFRA', 'NONE')";
        return sql.select(
                        "select count(*) from pipeline_attempt where run = ? and path = ? and " + which,
                        run.text(),
                        path)
                .mapTo(Integer.class)
                .one();
    }

    static List<AttemptView> views(Handle sql, RunId run) {
        return sql.select(
                        "select run, path, no, state, failure_class, executor, owner, started_at, ended_at, message, cpu_millis,"
                                + " rss_bytes_max from pipeline_attempt where run = ? order by fence",
                        run.text())
                .map((rs, ctx) -> new AttemptView(
                        new RunId(rs.getString(1)),
                        rs.getString(2),
                        rs.getInt(3),
                        AttemptState.valueOf(rs.getString(4)),
                        FailureClass.valueOf(rs.getString(5)),
                        StepExecutor.valueOf(rs.getString(6)),
                        rs.getString(7),
                        rs.getLong(8),
                        rs.getLong(9),
                        rs.getString(10),
                        rs.getLong(11),
                        rs.getLong(12)))
                .list();
    }

    /** Where an attempt's lines stand in the log of its worker: start and end, the end 0 while it runs. */
    static Optional<long[]> logRange(Handle sql, RunId run, String path, int no) {
        return sql.select(
                        "select log_from, log_to from pipeline_attempt where run = ? and path = ? and no = ?",
                        run.text(),
                        path,
                        no)
                .map((rs, ctx) -> new long[] {rs.getLong(1), rs.getLong(2)})
                .findOne();
    }

    static void insertValue(Handle sql, RunId run, String path, String name, JsonNode value) {
        insertOutput(sql, run, path, "value", name, Json.write(value), 0);
    }

    static void insertFile(Handle sql, RunId run, String path, String name, Digest digest, long sizeBytes) {
        insertOutput(sql, run, path, "file", name, digest.hex(), sizeBytes);
    }

    /** Outputs of all steps of a run, by path. */
    static Map<String, Outputs> outputs(Handle sql, RunId run) {
        Map<String, Outputs> all = new TreeMap<>();
        sql.select(
                        "select path, kind, name, content from pipeline_output where run = ? order by path, name",
                        run.text())
                .map((rs, ctx) -> new String[] {rs.getString(1), rs.getString(2), rs.getString(3), rs.getString(4)})
                .forEach(row -> {
                    Outputs of = all.computeIfAbsent(row[0], path -> new Outputs(new TreeMap<>(), new TreeMap<>()));
                    if (row[1].equals("value")) {
                        of.values.put(row[2], Json.parse(row[3]));
                    } else {
                        of.files.put(row[2], new Digest(row[3]));
                    }
                });
        return all;
    }

    private static void insertOutput(
            Handle sql, RunId run, String path, String kind, String name, String content, long sizeBytes) {
        sql.execute(
                "insert into pipeline_output (run, path, kind, name, content, size_bytes) values (?, ?, ?, ?, ?, ?)",
                run.text(),
                path,
                kind,
                name,
                content,
                sizeBytes);
    }

    private static AttemptRow map(ResultSet rs, StatementContext ctx) throws SQLException {
        return new AttemptRow(
                new RunId(rs.getString(1)),
                rs.getString(2),
                rs.getInt(3),
                rs.getLong(4),
                rs.getString(5),
                AttemptState.valueOf(rs.getString(6)),
                FailureClass.valueOf(rs.getString(7)),
                StepExecutor.valueOf(rs.getString(8)),
                rs.getString(9),
                rs.getLong(10),
                rs.getLong(11));
    }
}
