package dev.perennial.store;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database.Dialect;
import java.util.Arrays;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Brings a database to the version of this program with the scripts in {@code db/migration}. One text serves both dialects: column
 * types, {@code strict} and {@code clustered} (rows stored in the order of their primary key) are placeholders.
 */
final class Migrations {
    private static final Map<String, String> SQLITE = Map.of(
            "strict",
            " strict",
            "clustered",
            " strict, without rowid",
            "int",
            "integer",
            "real",
            "real",
            "bytes",
            "blob",
            "by_character",
            "");
    private static final Map<String, String> POSTGRESQL = Map.of(
            "strict",
            "",
            "clustered",
            "",
            "int",
            "bigint",
            "real",
            "double precision",
            "bytes",
            "bytea",
            "by_character",
            " collate \"C\"");

    private Migrations() {}

    static void run(Dialect dialect, String url, String user, String password) {
        Flyway flyway = Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(url, user, password)
                .locations("classpath:db/migration")
                .placeholders(dialect == Dialect.SQLITE ? SQLITE : POSTGRESQL)
                .loggers("slf4j")
                .load();
        try {
            refuseNewer(flyway.info().all());
            flyway.migrate();
        } catch (FlywayException e) {
            throw new PerennialException(
                    ErrorCode.INVALID_STATE,
                    "the database cannot be brought to the version of this program: " + e.getMessage(),
                    null,
                    e);
        }
    }

    private static void refuseNewer(MigrationInfo[] all) {
        MigrationVersion known = newest(all, false);
        MigrationVersion applied = newest(all, true);
        if (applied.isNewerThan(known)) {
            throw PerennialException.state("the database has version " + applied + ", this program knows version "
                    + known + ": start the newer program that wrote it, or restore an older copy");
        }
    }

    private static MigrationVersion newest(MigrationInfo[] all, boolean applied) {
        return Arrays.stream(all)
                .filter(info ->
                        applied ? info.getState().isApplied() : info.getState().isResolved())
                .map(MigrationInfo::getVersion)
                .filter(version -> version != null)
                .max(MigrationVersion::compareTo)
                .orElse(MigrationVersion.EMPTY);
    }
}
