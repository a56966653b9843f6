package dev.perennial.store;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database.Dialect;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Brings a database to the version of this program with the scripts in {@code db/migration}. One text serves both dialects: column
 * types, {@code strict} and {@code clustered} (rows stored in the order of their primary key) are placeholders.
 */
public final class Migrations {
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
            "",
            "now_millis",
            "unixepoch() * 1000");
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
            " collate \"C\"",
            "now_millis",
            "cast(extract(epoch from now()) * 1000 as bigint)");

    /** What a script that was applied well is told to be. */
    private static final Set<MigrationState> APPLIED = EnumSet.of(MigrationState.SUCCESS, MigrationState.OUT_OF_ORDER);

    private Migrations() {}

    /** @param before keeps a copy of a database that is about to be changed; empty where the administrator keeps copies */
    static void run(Dialect dialect, String url, String user, String password, Optional<BeforeUpgrade> before) {
        Flyway flyway = flyway(dialect, url, user, password).load();
        try {
            MigrationInfoService found = flyway.info();
            MigrationInfo[] all = found.all();
            refuseNewer(all, before);
            if (Arrays.stream(all).allMatch(Migrations::asWritten)) {
                return; // as nearly every start finds it
            }
            Optional<MigrationVersion> applied =
                    newest(all, info -> info.getState().isApplied());
            if (before.isPresent() && applied.isPresent() && found.pending().length > 0) {
                before.get().keep(applied.get().toString());
            }
            flyway.migrate();
        } catch (FlywayException e) {
            throw new PerennialException(
                    ErrorCode.INVALID_STATE,
                    "the database cannot be brought to the version of this program: " + e.getMessage(),
                    null,
                    e);
        }
    }

    /** Applied, by the very script that this program has. */
    private static boolean asWritten(MigrationInfo info) {
        return APPLIED.contains(info.getState())
                && info.isChecksumMatching()
                && info.isDescriptionMatching()
                && info.isTypeMatching();
    }

    private static FluentConfiguration flyway(Dialect dialect, String url, String user, String password) {
        return Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(url, user, password)
                .locations("classpath:db/migration")
                .placeholders(dialect == Dialect.SQLITE ? SQLITE : POSTGRESQL)
                .outOfOrder(true) // rooms have ranges of numbers, so a lower one may come later
                .loggers("slf4j");
    }

    /**
     * Makes the tables of these versions in an empty database, to take rows that were written under them.
     *
     * @param versions all that had been applied; {@code INVALID_STATE} when this program cannot make exactly these
     */
    public static void make(Dialect dialect, String url, String user, String password, Set<String> versions) {
        String newest = versions.stream()
                .map(MigrationVersion::fromVersion)
                .max(MigrationVersion::compareTo)
                .map(MigrationVersion::toString)
                .orElse("0");
        Flyway flyway = flyway(dialect, url, user, password)
                .target(MigrationVersion.fromVersion(newest))
                .load();
        Set<String> made = Arrays.stream(flyway.info().all())
                .filter(info -> info.getState().isResolved() && info.getVersion() != null)
                .filter(info -> !info.getVersion().isNewerThan(newest))
                .map(info -> info.getVersion().toString())
                .collect(Collectors.toCollection(TreeSet::new));
        if (!made.equals(new TreeSet<>(versions))) {
            throw PerennialException.state("the backup was written under the tables " + new TreeSet<>(versions)
                    + ", this program makes " + made + "; restore it with the program that wrote it, and upgrade then");
        }
        flyway.migrate();
    }

    private static void refuseNewer(MigrationInfo[] all, Optional<BeforeUpgrade> before) {
        Optional<MigrationVersion> unknown = newest(
                all, info -> info.getState().isApplied() && !info.getState().isResolved());
        if (unknown.isPresent()) {
            String known = newest(all, info -> info.getState().isResolved())
                    .map(MigrationVersion::toString)
                    .orElse("none");
            throw PerennialException.state("the database has version " + unknown.get()
                    + ", this program knows version " + known
                    + " and not that one: start the newer program that wrote it, or restore a backup that is older"
                    + before.map(BeforeUpgrade::told).orElse(""));
        }
    }

    private static Optional<MigrationVersion> newest(MigrationInfo[] all, Predicate<MigrationInfo> which) {
        return Arrays.stream(all)
                .filter(which)
                .map(MigrationInfo::getVersion)
                .filter(version -> version != null)
                .max(MigrationVersion::compareTo);
    }
}
