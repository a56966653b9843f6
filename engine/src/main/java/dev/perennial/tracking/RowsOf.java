package dev.perennial.tracking;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.UnableToProduceResultException;

/** Reads the rows of many owners with few statements, row by row, because a page of runs has thousands of them. */
final class RowsOf {
    private RowsOf() {}

    /** Takes one row. */
    @FunctionalInterface
    interface Visitor {
        void visit(ResultSet row) throws SQLException;
    }

    /**
     * Visits the rows in the order of the statement, which is made of both texts with the owners' numbers between them.
     *
     * @param end begins with the bracket that closes the list of numbers
     */
    static void each(Handle sql, String begin, List<Long> owners, String end, Visitor visitor) {
        for (List<Long> chunk : Pairs.chunks(owners)) {
            String numbers = chunk.stream().map(String::valueOf).collect(Collectors.joining(","));
            try (Statement statement = sql.getConnection().createStatement();
                    ResultSet rows = statement.executeQuery(begin + numbers + end)) {
                while (rows.next()) {
                    visitor.visit(rows);
                }
            } catch (SQLException e) {
                // The database translates the cause.
                throw new UnableToProduceResultException(e);
            }
        }
    }
}
