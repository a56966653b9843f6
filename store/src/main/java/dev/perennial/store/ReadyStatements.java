package dev.perennial.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Statements of one connection that stay prepared, the least used of too many closed. Used by one thread at a time. */
final class ReadyStatements implements AutoCloseable {
    private static final int COUNT_MAX = 32;

    private final Connection connection;
    private final Map<String, PreparedStatement> bySql = new LinkedHashMap<>(COUNT_MAX, 0.75f, true);

    ReadyStatements(Connection connection) {
        this.connection = connection;
    }

    PreparedStatement get(String sql) {
        PreparedStatement known = bySql.get(sql);
        if (known != null) {
            return known;
        }
        try {
            PreparedStatement made = connection.prepareStatement(sql);
            bySql.put(sql, made);
            if (bySql.size() > COUNT_MAX) {
                Map.Entry<String, PreparedStatement> eldest =
                        bySql.entrySet().iterator().next();
                bySql.remove(eldest.getKey());
                eldest.getValue().close();
            }
            return made;
        } catch (SQLException e) {
            throw SqlFailures.translate(e);
        }
    }

    /** Closes all, for instance because one of them failed half-way; the next {@link #get} prepares anew. */
    @Override
    public void close() {
        List<PreparedStatement> all = new ArrayList<>(bySql.values());
        bySql.clear();
        for (PreparedStatement statement : all) {
            try {
                statement.close();
            } catch (SQLException e) {
                // It is given up either way; the connection stays usable.
            }
        }
    }
}
