package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Reads and writes the rows of deployments. Stateless. */
final class DeploymentRows {
    private DeploymentRows() {}

    static void insert(Transaction tx, Deployment deployment) {
        tx.sql()
                .createUpdate(
                        "insert into deployment (id, endpoint, version, source, plan, run, state, message, weight,"
                                + " manifest, file, admission, deployed_by, reason, started_at) values (:id, :endpoint,"
                                + " :version, :source, :plan, :run, :state, '', 0, :manifest, :file, :admission, :by, :reason,"
                                + " :now)")
                .bind("id", deployment.id())
                .bind("endpoint", deployment.endpoint().toString())
                .bind("version", deployment.version().toString())
                .bind("source", deployment.source())
                .bind("plan", Json.canonical(deployment.plan()))
                .bind("run", deployment.run())
                .bind("state", deployment.state().name())
                .bind("manifest", hex(deployment.manifest()))
                .bind("file", hex(deployment.file()))
                .bind("admission", text(deployment.admission()))
                .bind("by", deployment.by())
                .bind("reason", deployment.reason())
                .bind("now", deployment.startedAt())
                .execute();
    }

    static void end(Transaction tx, Deployment ended) {
        tx.sql()
                .createUpdate(
                        "update deployment set state = :state, message = :message, role = :role, weight = :weight,"
                                + " manifest = :manifest, file = :file, environment = :environment, admission = :admission, ended_at = :now where id = :id")
                .bind("state", ended.state().name())
                .bind("message", ended.message())
                .bind("role", ended.role() == null ? null : ended.role().name())
                .bind("weight", ended.weight())
                .bind("manifest", hex(ended.manifest()))
                .bind("file", hex(ended.file()))
                .bind("environment", ended.environment())
                .bind("admission", text(ended.admission()))
                .bind("now", ended.endedAt())
                .bind("id", ended.id())
                .execute();
    }

    static Optional<Deployment> find(Handle sql, String id) {
        return sql.createQuery("select * from deployment where id = :id")
                .bind("id", id)
                .map(DeploymentRows::deployment)
                .findOne();
    }

    static Optional<Deployment> ofRun(Handle sql, String run) {
        return sql.createQuery("select * from deployment where run = :run")
                .bind("run", run)
                .map(DeploymentRows::deployment)
                .findOne();
    }

    static boolean running(Handle sql, ModelId endpoint) {
        return sql.createQuery("select count(*) from deployment where endpoint = :endpoint and state = 'RUNNING'")
                        .bind("endpoint", endpoint.toString())
                        .mapTo(Integer.class)
                        .one()
                > 0;
    }

    /** Those that have not ended, of all endpoints, oldest first. */
    static List<Deployment> running(Handle sql) {
        return sql.createQuery("select * from deployment where state = 'RUNNING' order by id")
                .map(DeploymentRows::deployment)
                .list();
    }

    /** Newest first. */
    static List<Deployment> of(Handle sql, ModelId endpoint, int limit) {
        return sql.createQuery(
                        "select * from deployment where endpoint = :endpoint order by started_at desc, id desc limit :limit")
                .bind("endpoint", endpoint.toString())
                .bind("limit", limit)
                .map(DeploymentRows::deployment)
                .list();
    }

    /** What the newest look at a variant's files found. */
    static Optional<JsonNode> admission(Handle sql, ModelId endpoint, Variant variant) {
        return sql.createQuery("select admission from deployment where endpoint = :endpoint and version = :version and"
                        + " manifest = :manifest and admission is not null order by started_at desc, id desc limit 1")
                .bind("endpoint", endpoint.toString())
                .bind("version", variant.version().toString())
                .bind("manifest", variant.manifest().hex())
                .mapTo(String.class)
                .findOne()
                .map(Json::parse);
    }

    private static Deployment deployment(ResultSet row, StatementContext context) throws SQLException {
        String role = row.getString("role");
        String admission = row.getString("admission");
        return new Deployment(
                row.getString("id"),
                ModelId.parse(row.getString("endpoint")),
                VersionRef.parse(row.getString("version")),
                row.getString("source"),
                Json.read(row.getString("plan"), Deployment.Plan.class),
                row.getString("run"),
                Deployment.State.valueOf(row.getString("state")),
                row.getString("message"),
                role == null ? null : Variant.Role.valueOf(role),
                row.getInt("weight"),
                digest(row.getString("manifest")),
                digest(row.getString("file")),
                row.getString("environment"),
                admission == null ? null : Json.parse(admission),
                row.getString("deployed_by"),
                row.getString("reason"),
                row.getLong("started_at"),
                EndpointRows.longOrNull(row, "ended_at"));
    }

    private static @Nullable Digest digest(@Nullable String hex) {
        return hex == null ? null : new Digest(hex);
    }

    private static @Nullable String hex(@Nullable Digest digest) {
        return digest == null ? null : digest.hex();
    }

    private static @Nullable String text(@Nullable JsonNode body) {
        return body == null ? null : Json.canonical(body);
    }
}
