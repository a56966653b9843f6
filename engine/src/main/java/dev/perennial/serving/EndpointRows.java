package dev.perennial.serving;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Reads and writes the rows of endpoints and their variants. Stateless. */
final class EndpointRows {
    private static final String RUNNING = "select count(*) from endpoint e join rollout r on r.id = e.rollout"
            + " where e.name = :name and r.ended_at is null";

    private EndpointRows() {}

    static Optional<ServedEndpoint> find(Handle sql, ModelId name) {
        return sql.createQuery("select * from endpoint where name = :name and deleted_at is null")
                .bind("name", name.toString())
                .map(EndpointRows::endpoint)
                .findOne();
    }

    static ServedEndpoint get(Handle sql, ModelId name) {
        return find(sql, name).orElseThrow(() -> missing(name.toString()));
    }

    static PerennialException missing(String name) {
        return PerennialException.notFound(
                "no endpoint '" + name + "'; 'perennial endpoints' lists them, 'perennial deploy' makes one");
    }

    /** All that were not deleted, by name. */
    static List<ServedEndpoint> all(Handle sql) {
        return sql.createQuery("select * from endpoint where deleted_at is null order by name")
                .map(EndpointRows::endpoint)
                .list();
    }

    /** Whether a rollout decides now what traffic the variants get. */
    static boolean rollingOut(Handle sql, ModelId name) {
        return sql.createQuery(RUNNING)
                        .bind("name", name.toString())
                        .mapTo(Integer.class)
                        .one()
                > 0;
    }

    static List<Variant> variants(Handle sql, ModelId name) {
        return sql
                .createQuery("select * from endpoint_variant where endpoint = :name")
                .bind("name", name.toString())
                .map(EndpointRows::variant)
                .stream()
                .sorted(Comparator.comparing(Variant::version))
                .toList();
    }

    /** Replaces all variants; one that was warm and stays warm does not begin anew. */
    static void replace(Transaction tx, ModelId name, List<Variant> variants) {
        Map<String, Long> warm = warmSince(tx, name);
        Map<String, String> fused = fused(tx.sql(), name);
        tx.sql()
                .createUpdate("delete from endpoint_variant where endpoint = :name")
                .bind("name", name.toString())
                .execute();
        for (Variant variant : variants) {
            String version = variant.version().toString();
            tx.sql()
                    .createUpdate("insert into endpoint_variant (endpoint, version, role, weight, manifest, file,"
                            + " environment, warm_since, load, resources, fused) values (:name, :version, :role,"
                            + " :weight, :manifest, :file, :environment, :since, :load, :resources, :fused)")
                    .bind("fused", candidate(variant) ? fused.get(version) : null)
                    .bind("name", name.toString())
                    .bind("version", version)
                    .bind("role", variant.role().name())
                    .bind("weight", variant.weight())
                    .bind("manifest", variant.manifest().hex())
                    .bind("file", variant.file().hex())
                    .bind("environment", variant.environment())
                    .bind("since", variant.role() == Variant.Role.warm ? warm.get(version) : null)
                    .bind("load", variant.load().name())
                    .bind("resources", variant.resources() == null ? null : Json.canonical(variant.resources()))
                    .execute();
        }
        tx.sql()
                .createUpdate("delete from unloaded_version where endpoint = :name and not exists (select 1 from"
                        + " endpoint_variant v where v.endpoint = :name and v.version = unloaded_version.version and"
                        + " v.role = 'warm')")
                .bind("name", name.toString())
                .execute();
    }

    private static boolean candidate(Variant variant) {
        return variant.role() == Variant.Role.canary || variant.role() == Variant.Role.shadow;
    }

    /** Why a scorer took a version out in the rollout of now, by version. */
    static Map<String, String> fused(Handle sql, ModelId name) {
        Map<String, String> reasons = new HashMap<>();
        sql.createQuery("select version, fused from endpoint_variant where endpoint = :name and fused is not null")
                .bind("name", name.toString())
                .map((row, context) -> reasons.put(row.getString("version"), row.getString("fused")))
                .list();
        return reasons;
    }

    private static Map<String, Long> warmSince(Transaction tx, ModelId name) {
        Map<String, Long> since = new HashMap<>();
        tx.sql()
                .createQuery("select version, warm_since from endpoint_variant where endpoint = :name"
                        + " and warm_since is not null")
                .bind("name", name.toString())
                .map((row, context) -> since.put(row.getString("version"), row.getLong("warm_since")))
                .list();
        return since;
    }

    static Variant variant(ResultSet row, StatementContext context) throws SQLException {
        String resources = row.getString("resources");
        return new Variant(
                VersionRef.parse(row.getString("version")),
                Variant.Role.valueOf(row.getString("role")),
                row.getInt("weight"),
                new Digest(row.getString("manifest")),
                new Digest(row.getString("file")),
                row.getString("environment"),
                Variant.Load.valueOf(row.getString("load")),
                resources == null ? null : Json.parse(resources));
    }

    static ServedEndpoint endpoint(ResultSet row, StatementContext context) throws SQLException {
        return new ServedEndpoint(
                ModelId.parse(row.getString("name")),
                ServedEndpoint.Origin.valueOf(row.getString("origin")),
                row.getString("project"),
                key(row),
                settings(row),
                row.getString("rollout"),
                row.getInt("is_default") != 0,
                row.getInt("edition"),
                longOrNull(row, "created_at"),
                row.getString("created_by"));
    }

    static List<String> key(ResultSet row) throws SQLException {
        return List.of(Json.read(row.getString("key_columns"), String[].class));
    }

    static EndpointSettings settings(ResultSet row) throws SQLException {
        return EndpointSettings.DEFAULT.with(Json.parse(row.getString("settings")));
    }

    static @Nullable Long longOrNull(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : (Long) value;
    }
}
