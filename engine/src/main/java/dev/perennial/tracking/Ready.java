package dev.perennial.tracking;

import dev.perennial.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Optional;
import org.jdbi.v3.core.result.UnableToProduceResultException;
import org.jspecify.annotations.Nullable;

/**
 * Statements that stay prepared, for what clients do all day: finding a run, making and ending one, its tags and params. Values are String
 * or Long; a value that may be absent comes through {@link #text} or {@link #number}, so that PostgreSQL knows its type.
 */
final class Ready {
    private Ready() {}

    /** What one row says. */
    @FunctionalInterface
    interface Mapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    /** Stands for an absent value of one type. */
    private record Absent(int type) {}

    private static final Absent NO_TEXT = new Absent(Types.VARCHAR);
    private static final Absent NO_NUMBER = new Absent(Types.BIGINT);

    static Object text(@Nullable String text) {
        return text == null ? NO_TEXT : text;
    }

    static Object number(@Nullable Long number) {
        return number == null ? NO_NUMBER : number;
    }

    /** How many rows changed. */
    static int update(Transaction tx, String sql, Object... values) {
        try {
            return bound(tx, sql, values).executeUpdate();
        } catch (SQLException e) {
            // The database translates the cause.
            throw new UnableToProduceResultException(e);
        }
    }

    /** The first row, where there is one. */
    static <T> Optional<T> first(Transaction tx, String sql, Mapper<T> mapper, Object... values) {
        try (ResultSet rows = bound(tx, sql, values).executeQuery()) {
            return rows.next() ? Optional.of(mapper.map(rows)) : Optional.empty();
        } catch (SQLException e) {
            throw new UnableToProduceResultException(e);
        }
    }

    /** The number in the first row, where there is one. */
    static Optional<Long> one(Transaction tx, String sql, Object... values) {
        return first(tx, sql, row -> row.getLong(1), values);
    }

    private static PreparedStatement bound(Transaction tx, String sql, Object... values) throws SQLException {
        PreparedStatement statement = tx.prepared(sql);
        for (int i = 0; i < values.length; i++) {
            switch (values[i]) {
                case String text -> statement.setString(i + 1, text);
                case Long number -> statement.setLong(i + 1, number);
                case Absent absent -> statement.setNull(i + 1, absent.type());
                default -> throw new IllegalArgumentException("no way to bind " + values[i].getClass());
            }
        }
        return statement;
    }
}
