package dev.perennial.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Doubles in two columns, because SQLite silently stores NaN as NULL: {@code x ${real}} holds the number (0 for NaN; infinities as they
 * are on both dialects) and {@code x_nan ${int}} is 1 for NaN. Both are {@code not null}; where the number itself may be absent both
 * are nullable and NULL together. Negative zero may come back as zero.
 */
public final class Reals {
    private static final String FLAG = "_nan";

    private Reals() {}

    /** Binds {@code :name} and {@code :name_nan}. */
    public static <S extends SqlStatement<S>> S bind(S statement, String name, double value) {
        return statement.bind(name, stored(value)).bind(name + FLAG, flag(value));
    }

    /** Reads the columns {@code name} and {@code name_nan}, which must not be NULL. */
    public static double get(ResultSet row, String name) throws SQLException {
        return row.getInt(name + FLAG) == 1 ? Double.NaN : row.getDouble(name);
    }

    /** What the number's column holds, for plain JDBC. */
    public static double stored(double value) {
        return Double.isNaN(value) ? 0.0 : value;
    }

    /** What the flag's column holds, for plain JDBC. */
    public static int flag(double value) {
        return Double.isNaN(value) ? 1 : 0;
    }
}
