package dev.perennial.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An advisory lock of PostgreSQL, which ends with the connection that holds it, and so with the process. */
final class PostgresLeadership implements Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresLeadership.class);
    private static final long LOCK = 7_300_120_123L;
    private static final int VALID_SECONDS = 5;

    private final StoreSettings settings;
    private @Nullable Connection holding;

    PostgresLeadership(StoreSettings settings) {
        this.settings = settings;
    }

    @Override
    public boolean take() {
        try {
            return locked();
        } catch (SQLException e) {
            LOG.debug("the lead cannot be asked for now", e);
            return false;
        }
    }

    private boolean locked() throws SQLException {
        Connection connection =
                DriverManager.getConnection(settings.url().orElseThrow(), settings.user(), settings.password());
        boolean taken = false;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_try_advisory_lock(" + LOCK + ")")) {
            taken = row.next() && row.getBoolean(1);
        } finally {
            if (!taken) {
                connection.close();
            }
        }
        if (taken) {
            holding = connection;
        }
        return taken;
    }

    @Override
    public boolean lost() {
        try {
            Connection connection = holding;
            if (connection != null && connection.isValid(VALID_SECONDS)) {
                return false;
            }
            close();
            return !locked();
        } catch (SQLException e) {
            return false; // nobody reaches the database
        }
    }

    @Override
    public void close() {
        Connection connection = holding;
        holding = null;
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            LOG.debug("the connection that held the lead was broken already", e);
        }
    }
}
