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
        for (List<Long> chunk : chunks(owners)) {
            sql.createQuery("select " + ownerColumn + " as owner, key, value from " + table + " where " + ownerColumn
                            + " in (<owners>) order by " + ownerColumn + ", key")
                    .bindList("owners", chunk)
                    .map((row, context) -> {
                        result.computeIfAbsent(row.getLong("owner"), owner -> new ArrayList<>())
                                .add(new KeyValue(row.getString("key"), row.getString("value")));
                        return Boolean.TRUE;
                    })
                    .list();
        }
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
