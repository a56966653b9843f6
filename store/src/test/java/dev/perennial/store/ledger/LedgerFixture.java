package dev.perennial.store.ledger;

import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.stream.Stream;

/** Small ledgers to look at and to damage. */
final class LedgerFixture {
    static final TestClock CLOCK = TestClock.fixed();

    private LedgerFixture() {}

    static Store open(Path folder) {
        SecureRandom random = new SecureRandom();
        return Store.open(StoreSettings.local(folder), CLOCK, new Ids(CLOCK, random), random);
    }

    static LedgerEvent event(String stream, String action, String reason) {
        return new LedgerEvent(
                stream,
                "user:ann",
                action,
                "model:m/1",
                CLOCK.millis(),
                Json.object().put("reason", reason).put("share", 0.5));
    }

    static void append(Store store, String stream, int count) {
        for (int i = 0; i < count; i++) {
            String reason = "change " + i;
            store.database().writing(tx -> tx.ledger(event(stream, "alias.set", reason)));
        }
    }

    /** A closed data directory with eight entries in two streams under two checkpoints. */
    static Path closedLedger(Path folder) {
        try (Store store = open(folder)) {
            append(store, "model:m", 3);
            store.ledger().seal();
            append(store, "model:m", 2);
            append(store, "system", 3);
        }
        return folder;
    }

    static Path copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
            return to;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Changes a database behind the product's back. */
    static void change(Path data, String... statements) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("perennial.db"))) {
            for (String sql : statements) {
                try (var statement = connection.createStatement()) {
                    statement.execute(sql);
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
