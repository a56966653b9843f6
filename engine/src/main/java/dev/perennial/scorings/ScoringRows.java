package dev.perennial.scorings;

import dev.perennial.kernel.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** The table of jobs. */
final class ScoringRows {
    private ScoringRows() {}

    static void insert(Handle sql, ScoringJob job) {
        sql.createUpdate("insert into scoring_job (id, target, subject, version, manifest, model_file, author, name,"
                        + " input, digest, format, result_format, output, force, errors_max, attempt, created_at, environment)"
                        + " values (:id, :target, :subject, :version, :manifest, :file, :by, :name, :input, :digest,"
                        + " :format, :result, :output, :force, :errors, :attempt, :at, :environment)")
                .bind("id", job.id())
                .bind("target", job.target())
                .bind("subject", job.subject())
                .bind("version", job.pinned().version())
                .bind("manifest", job.pinned().manifest().hex())
                .bind("file", job.pinned().file().hex())
                .bind("by", job.by())
                .bind("name", job.name())
                .bind("input", job.input())
                .bind("digest", job.digest())
                .bind("format", job.format().toString())
                .bind("result", job.resultFormat().toString())
                .bind("output", job.output())
                .bind("force", job.force() ? 1 : 0)
                .bind("errors", job.errorsMax())
                .bind("attempt", job.attempt())
                .bind("at", job.createdAt())
                .bind("environment", job.pinned().environment())
                .execute();
    }

    static Optional<ScoringJob> find(Handle sql, String id) {
        return sql.createQuery("select * from scoring_job where id = :id")
                .bind("id", id)
                .map(ScoringRows::job)
                .findOne();
    }

    /** The newest first, those before an id; an empty one stands for the end. */
    static List<ScoringJob> before(Handle sql, String id, int limit) {
        return sql.createQuery("select * from scoring_job where (:id = '' or id < :id) order by id desc limit :limit")
                .bind("id", id)
                .bind("limit", limit)
                .map(ScoringRows::job)
                .list();
    }

    /** Jobs that were made before a time. */
    static List<ScoringJob> old(Handle sql, long before) {
        return sql.createQuery("select * from scoring_job where created_at < :before order by id")
                .bind("before", before)
                .map(ScoringRows::job)
                .list();
    }

    /** Counts the attempt that begins; false when another has begun meanwhile. */
    static boolean next(Handle sql, ScoringJob job) {
        return sql.createUpdate("update scoring_job set attempt = attempt + 1 where id = :id and attempt = :attempt")
                        .bind("id", job.id())
                        .bind("attempt", job.attempt())
                        .execute()
                > 0;
    }

    static void delete(Handle sql, String id) {
        sql.execute("delete from scoring_job where id = ?", id);
    }

    private static ScoringJob job(ResultSet row, StatementContext context) throws SQLException {
        long errors = row.getLong("errors_max");
        Long errorsMax = row.wasNull() ? null : errors;
        return new ScoringJob(
                row.getString("id"),
                row.getString("target"),
                row.getString("subject"),
                new ScoringJob.Pinned(
                        row.getString("version"),
                        new Digest(row.getString("manifest")),
                        new Digest(row.getString("model_file")),
                        row.getString("environment")),
                row.getString("author"),
                row.getString("name"),
                row.getString("input"),
                row.getString("digest"),
                RowsFile.parse("format", row.getString("format")),
                RowsFile.parse("resultFormat", row.getString("result_format")),
                row.getString("output"),
                row.getInt("force") != 0,
                errorsMax,
                row.getInt("attempt"),
                row.getLong("created_at"));
    }
}
