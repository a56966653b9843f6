package dev.perennial.scorings;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.serving.Preparation;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** The table of jobs. */
final class ScoringRows {
    private ScoringRows() {}

    static void insert(Handle sql, ScoringJob job) {
        Preparation preparation = job.pinned().preparation();
        sql.createUpdate("insert into scoring_job (id, target, subject, version, manifest, model_file, author, name,"
                        + " input, digest, format, result_format, output, force, errors_max, attempt, created_at, environment,"
                        + " project, preparation)"
                        + " values (:id, :target, :subject, :version, :manifest, :file, :by, :name, :input, :digest,"
                        + " :format, :result, :output, :force, :errors, :attempt, :at, :environment, :project,"
                        + " :preparation)")
                .bind("id", job.id())
                .bind("target", job.target())
                .bind("subject", job.subject())
                .bind("version", job.pinned().version())
                .bind("manifest", hex(job.pinned().manifest()))
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
                .bind("project", job.project())
                .bind("preparation", preparation == null ? null : Json.write(preparation))
                .execute();
    }

    /** The column came before versions whose manifest is yet to be made. */
    private static String hex(@Nullable Digest manifest) {
        return manifest == null ? "" : manifest.hex();
    }

    /** Jobs with an attempt whose end was not written down. */
    static List<ScoringJob> unsettled(Handle sql) {
        return sql.createQuery("select * from scoring_job where preparation is not null and attempt > 0"
                        + " and coalesce(settled, 0) < attempt order by id")
                .map(ScoringRows::job)
                .list();
    }

    /** Writes down how an attempt ended; false when that was done before. */
    static boolean settle(Handle sql, ScoringJob job, @Nullable JsonNode admission) {
        return sql.createUpdate("update scoring_job set settled = :attempt, admission = coalesce(:admission, admission)"
                                + " where id = :id and attempt = :attempt and coalesce(settled, 0) < :attempt")
                        .bind("id", job.id())
                        .bind("attempt", job.attempt())
                        .bind("admission", admission == null ? null : Json.canonical(admission))
                        .execute()
                > 0;
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
        String manifest = row.getString("manifest");
        String preparation = row.getString("preparation");
        String admission = row.getString("admission");
        return new ScoringJob(
                row.getString("id"),
                row.getString("target"),
                row.getString("project"),
                row.getString("subject"),
                new ScoringJob.Pinned(
                        row.getString("version"),
                        manifest.isEmpty() ? null : new Digest(manifest),
                        new Digest(row.getString("model_file")),
                        row.getString("environment"),
                        preparation == null ? null : Json.read(preparation, Preparation.class)),
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
                admission == null ? null : Json.parse(admission),
                row.getLong("created_at"));
    }
}
