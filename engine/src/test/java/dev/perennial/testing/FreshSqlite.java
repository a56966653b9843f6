package dev.perennial.testing;

import dev.perennial.store.Database.Dialect;
import dev.perennial.store.Migrations;
import dev.perennial.store.StoreSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Data directories whose database has the tables of this program and no rows: copies of one, because making the tables takes longer than most tests. */
public final class FreshSqlite {
    private FreshSqlite() {}

    /** Made once for a process. */
    private static final class Tables {
        private static final Path FILE = made();
    }

    /** Settings of a store in this folder; what is in it already stays. */
    public static StoreSettings under(Path data) {
        Path file = data.resolve("perennial.db");
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(data);
                Files.copy(Tables.FILE, file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no room for " + file, e);
        }
        return StoreSettings.local(data);
    }

    /** The model of the copies is made of the tables alone: a store that was opened has rows of its own. */
    private static Path made() {
        try {
            Path made = Files.createTempFile("perennial-tables", ".db");
            made.toFile().deleteOnExit();
            Migrations.make(
                    Dialect.SQLITE,
                    "jdbc:sqlite:" + made + "?journal_mode=WAL",
                    "",
                    "",
                    AppliedVersions.of(StoreSettings::local));
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("no room for a first store", e);
        }
    }
}
