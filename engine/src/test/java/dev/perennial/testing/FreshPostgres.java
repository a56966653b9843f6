package dev.perennial.testing;

import dev.perennial.store.Database.Dialect;
import dev.perennial.store.Migrations;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.TemporaryPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * PostgreSQL databases that have the tables of this program and no rows: copies of one, because making the tables takes longer than most
 * tests. A copy is dropped when {@value #KEPT} later ones were made and nobody is connected to it: most are gone before they reach the disk.
 */
public final class FreshPostgres {
    private static final int KEPT = 8;

    /** Since this version a copy goes through the log unless it is told not to; older ones copy files always. */
    private static final int COPIES_THROUGH_LOG = 15;

    private static final String IN_USE = "55006";

    private final String model;
    private final String server;
    private final Connection administrator;
    private final String copied;
    private final AtomicInteger copies = new AtomicInteger();

    private FreshPostgres(String model) throws SQLException {
        this.model = model.substring(model.lastIndexOf('/') + 1);
        this.server = model.substring(0, model.lastIndexOf('/') + 1);
        this.administrator =
                DriverManager.getConnection(server + "postgres", TemporaryPostgres.USER, TemporaryPostgres.PASSWORD);
        int version = administrator.getMetaData().getDatabaseMajorVersion();
        this.copied = version >= COPIES_THROUGH_LOG ? " strategy file_copy" : "";
    }

    /** Made once for a process. */
    private static final class Tables {
        private static final FreshPostgres COPIED = made();
    }

    /** A database of its own for a store in this folder. */
    public static StoreSettings under(Path data) {
        return settings(data, Tables.COPIED.copy());
    }

    private static StoreSettings settings(Path data, String url) {
        return StoreSettings.postgres(data, url, TemporaryPostgres.USER, TemporaryPostgres.PASSWORD);
    }

    /** The model of the copies is made of the tables alone: a store that was opened has rows of its own. */
    private static FreshPostgres made() {
        String opened = TemporaryPostgres.freshDatabase();
        Set<String> versions = AppliedVersions.of(data -> settings(data, opened));
        String made = TemporaryPostgres.freshDatabase();
        Migrations.make(Dialect.POSTGRESQL, made, TemporaryPostgres.USER, TemporaryPostgres.PASSWORD, versions);
        try {
            return new FreshPostgres(made);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot administrate " + made, e);
        }
    }

    private synchronized String copy() {
        int number = copies.incrementAndGet();
        try (Statement statement = administrator.createStatement()) {
            statement.execute("create database copy" + number + " template " + model + copied);
            if (number > KEPT) {
                dropUnused(statement, number - KEPT);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot copy " + model, e);
        }
        return server + "copy" + number;
    }

    private static void dropUnused(Statement statement, int number) throws SQLException {
        try {
            statement.execute("drop database copy" + number);
        } catch (SQLException e) {
            if (!IN_USE.equals(e.getSQLState())) {
                throw e;
            }
        }
    }
}
