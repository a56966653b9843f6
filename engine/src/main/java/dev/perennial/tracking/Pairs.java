package dev.perennial.tracking;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Reads the pairs of many owners with few statements. */
public final class Pairs {
    /** Owners read by one statement. */
    static final int CHUNK = 500;

    private Pairs() {}

    /** The pairs of each owner, by key. Owners without any are absent. */
    public static Map<Long, List<KeyValue>> read(Handle sql, String table, String ownerColumn, List<Long> owners) {
        Map<Long, List<KeyValue>> result = new HashMap<>();
        RowsOf.each(
                sql,
                "select " + ownerColumn + ", key, value from " + table + " where " + ownerColumn + " in (",
                owners,
                ") order by " + ownerColumn + ", key",
                row -> result.computeIfAbsent(row.getLong(1), owner -> new ArrayList<>())
                        .add(new KeyValue(row.getString(2), row.getString(3))));
        return result;
    }

    /** The owners in pieces that one statement can name. */
    public static <T> List<List<T>> chunks(List<T> owners) {
        List<List<T>> chunks = new ArrayList<>();
        for (int from = 0; from < owners.size(); from += CHUNK) {
            chunks.add(owners.subList(from, Math.min(from + CHUNK, owners.size())));
        }
        return chunks;
    }
}
