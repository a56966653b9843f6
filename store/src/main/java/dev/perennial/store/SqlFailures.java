package dev.perennial.store;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The one place that turns an error of either database into an error of the product. */
final class SqlFailures {
    private static final Set<String> SERIALIZATION_STATES = Set.of("40001", "40P01");
    private static final String CANCELED_STATE = "57014";
    private static final int BASE_CODE = 0xff;

    private SqlFailures() {}

    /** The error to throw for a failed work: the same one when the database had no part in it. */
    static RuntimeException translate(RuntimeException failure) {
        if (failure instanceof PerennialException) {
            return failure;
        }
        SQLException cause = sqlCause(failure);
        return cause == null ? failure : translate(cause, failure);
    }

    static RuntimeException translate(SQLException failure) {
        return translate(failure, failure);
    }

    /** Whether PostgreSQL asks to run the whole transaction again. */
    static boolean wantsAnotherTry(Throwable failure) {
        SQLException cause = sqlCause(failure);
        return cause != null && cause.getSQLState() != null && SERIALIZATION_STATES.contains(cause.getSQLState());
    }

    /** Whether the disk itself failed, after which nothing may be written until a restart. */
    static boolean deviceFailed(Throwable failure) {
        return sqlCause(failure) instanceof SQLiteException sqlite && base(sqlite) == SQLiteErrorCode.SQLITE_IOERR.code;
    }

    /** The error of a question that took longer than its limit; any other failure as {@link #translate(RuntimeException)} has it. */
    static RuntimeException limited(RuntimeException failure, Duration limit) {
        SQLException cause = sqlCause(failure);
        boolean ended = cause instanceof SQLiteException sqlite
                ? base(sqlite) == SQLiteErrorCode.SQLITE_INTERRUPT.code
                : cause != null && CANCELED_STATE.equals(cause.getSQLState());
        return ended
                ? new PerennialException(
                        ErrorCode.INVALID_ARGUMENT,
                        "the search took longer than " + limit.toSeconds()
                                + " s and was ended; ask for less, for example"
                                + " fewer experiments, an equality on a param or tag, or another order",
                        "filter",
                        failure)
                : failure;
    }

    private static PerennialException translate(SQLException cause, Throwable failure) {
        ErrorCode code = cause instanceof SQLiteException sqlite
                ? ofSqlite(sqlite)
                : ofState(String.valueOf(cause.getSQLState()));
        String message = String.valueOf(cause.getMessage());
        return new PerennialException(code, explain(code) + ": " + message, null, failure);
    }

    private static String explain(ErrorCode code) {
        return switch (code) {
            case ALREADY_EXISTS -> "the database holds such a row already";
            case STORAGE_FULL ->
                "the disk or the size limit of the database is full, nothing was written; free space and try again";
            case INVALID_STATE -> "the database holds no row that this one refers to";
            case UNAVAILABLE -> "the database is not available, try again";
            default -> "the database refused a statement";
        };
    }

    private static ErrorCode ofSqlite(SQLiteException failure) {
        return switch (failure.getResultCode()) {
            case SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_ROWID ->
                ErrorCode.ALREADY_EXISTS;
            case SQLITE_CONSTRAINT_FOREIGNKEY -> ErrorCode.INVALID_STATE;
            default -> ofSqliteBase(base(failure));
        };
    }

    private static ErrorCode ofSqliteBase(int base) {
        if (base == SQLiteErrorCode.SQLITE_FULL.code) {
            return ErrorCode.STORAGE_FULL;
        }
        boolean passing = base == SQLiteErrorCode.SQLITE_BUSY.code
                || base == SQLiteErrorCode.SQLITE_LOCKED.code
                || base == SQLiteErrorCode.SQLITE_IOERR.code
                || base == SQLiteErrorCode.SQLITE_CANTOPEN.code;
        return passing ? ErrorCode.UNAVAILABLE : ErrorCode.INTERNAL;
    }

    private static int base(SQLiteException failure) {
        return failure.getResultCode().code & BASE_CODE;
    }

    private static ErrorCode ofState(String state) {
        return switch (state) {
            case "23505", "23P01" -> ErrorCode.ALREADY_EXISTS;
            case "23503" -> ErrorCode.INVALID_STATE;
            case "53100" -> ErrorCode.STORAGE_FULL;
            default ->
                state.startsWith("08")
                                || state.startsWith("53")
                                || state.startsWith("57P")
                                || SERIALIZATION_STATES.contains(state)
                        ? ErrorCode.UNAVAILABLE
                        : ErrorCode.INTERNAL;
        };
    }

    private static @Nullable SQLException sqlCause(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }
}
