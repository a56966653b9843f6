package dev.perennial.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.Release;
import dev.perennial.tracking.TrackingRuns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SqliteReleaseTest extends ReleaseContract {
    @Override
    StoreSettings lay(Release release) {
        Path data = folder.resolve("data");
        facts = release.unpackSqlite(data);
        return StoreSettings.local(data);
    }

    private List<String> copies() throws IOException {
        try (var files = Files.list(folder.resolve("data/before-upgrade"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void theOldFileIsKeptAsItWas(Release release) throws Exception {
        open(lay(release)).close();

        assertThat(copies()).containsExactly("perennial-" + release.schema() + ".db");
        Path copy = folder.resolve("data/before-upgrade/perennial-" + release.schema() + ".db");
        try (Connection old = DriverManager.getConnection("jdbc:sqlite:" + copy + "?open_mode=1");
                Statement statement = old.createStatement();
                ResultSet row =
                        statement.executeQuery("select max(cast(version as integer)) from flyway_schema_history")) {
            row.next();
            assertThat(row.getString(1)).isEqualTo(release.schema());
        }
    }

    @Test
    void aSecondStartKeepsNoFurtherCopy() throws Exception {
        StoreSettings settings = lay(Release.all().getFirst());
        open(settings).close();
        Files.delete(folder.resolve("data/before-upgrade").resolve(copies().getFirst()));

        open(settings).close();

        assertThat(copies()).isEmpty();
    }

    @Test
    void aNewDatabaseKeepsNoCopy() {
        open(StoreSettings.local(folder.resolve("fresh"))).close();

        assertThat(folder.resolve("fresh/before-upgrade")).doesNotExist();
    }

    @Test
    void onlyTheTwoNewestCopiesStay() throws Exception {
        StoreSettings settings = lay(Release.all().getFirst());
        Path kept = Files.createDirectories(folder.resolve("data/before-upgrade"));
        for (String old : List.of("10", "20")) {
            Path file = Files.writeString(kept.resolve("perennial-" + old + ".db"), old);
            Files.setLastModifiedTime(
                    file, java.nio.file.attribute.FileTime.fromMillis(Long.parseLong(old) * 1_000_000));
        }

        open(settings).close();

        assertThat(copies())
                .containsExactlyInAnyOrder(
                        "perennial-20.db",
                        "perennial-" + Release.all().getFirst().schema() + ".db");
    }

    @Test
    void aCopyThatCannotBeMadeStopsTheUpgrade() throws Exception {
        Release release = Release.all().getFirst();
        StoreSettings settings = lay(release);
        Files.writeString(folder.resolve("data/before-upgrade"), "in the way");

        assertThatThrownBy(() -> open(settings))
                .hasMessageStartingWith("the database cannot be copied to "
                        + folder.resolve("data/before-upgrade/perennial-" + release.schema() + ".db"))
                .hasMessageEndingWith("nothing was changed, free space and start again");
        Files.delete(folder.resolve("data/before-upgrade"));
        try (Store store = open(settings)) {
            assertThat(tracking(store).get(run("first"))).isNotNull();
        }
    }

    @Test
    void aRefusalOfANewerDatabaseNamesTheCopyFromBefore() throws Exception {
        StoreSettings settings = lay(Release.all().getFirst());
        try (Store store = open(settings)) {
            store.database()
                    .writing(tx -> tx.sql()
                            .execute("update flyway_schema_history set version = '9000' where version = '120'"));
        }

        assertThatThrownBy(() -> open(settings))
                .hasMessageEndingWith("; the database as it was before lies in "
                        + folder.toRealPath().resolve("data/before-upgrade").resolve(copies().getFirst()));
    }

    /** Version 111 makes the table of experiments anew; it may come after 120, which gave that table a column. */
    @Test
    void aDatabaseThatHadPutAwayTimesBeforeProjectsOpens() throws Exception {
        Path other = folder.resolve("other");
        open(StoreSettings.local(other)).close();
        StoreSettings settings = lay(Release.all().getFirst());
        try (Connection early = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("data/perennial.db"));
                Statement statement = early.createStatement()) {
            for (String order : putAway()) {
                statement.execute(order);
            }
            statement.execute("attach '" + other.resolve("perennial.db") + "' as other");
            statement.execute("insert into flyway_schema_history select * from other.flyway_schema_history"
                    + " where version = '120'");
        }

        try (Store store = open(settings)) {
            TrackingRuns tracking = tracking(store);
            long experiment = tracking.experiments().create("later", null, List.of());
            tracking.experiments().delete(experiment);
            tracking.experiments().restore(experiment);
            assertThat(tracking.experiments().get(experiment).name()).isEqualTo("later");
        }
    }

    /** The statements of version 120 for SQLite. */
    private static List<String> putAway() throws IOException {
        try (var script = SqliteReleaseTest.class.getResourceAsStream("/db/migration/V120__put_away.sql")) {
            String text = new String(java.util.Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8)
                    .replaceAll("(?m)^--.*$", "")
                    .replace("${int}", "integer")
                    .replace("${strict}", " strict")
                    .replace("${now_millis}", "1");
            return java.util.Arrays.stream(text.split(";"))
                    .map(String::strip)
                    .filter(order -> !order.isEmpty())
                    .toList();
        }
    }
}
