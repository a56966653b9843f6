package dev.perennial.tracking.search;

import dev.perennial.kernel.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jspecify.annotations.Nullable;

/**
 * A search as one statement, or as a few that are read one behind the other until the page is full: filter, order and start of the page
 * are evaluated by the database. Pages start behind the last row of the page before, so rows that come and go meanwhile neither repeat
 * nor hide others.
 */
public final class CompiledSearch {
    private final SqlText sql;
    private final String alias;
    private final List<Part> parts;
    private final int limit;
    private final String identity;
    private final @Nullable String token;

    /**
     * Where rows come from.
     *
     * @param from tables with their short names
     * @param order of the same kinds in all parts; when there are several parts the first column is constant, and greater in each
     */
    public record Part(String from, List<String> conditions, List<SortColumn> order) {
        public Part {
            conditions = List.copyOf(conditions);
            order = List.copyOf(order);
        }
    }

    /**
     * @param alias the short name of the table whose rows are wanted
     * @param identity the same for the same search, whatever the page
     */
    public CompiledSearch(SqlText sql, String alias, List<Part> parts, SearchRequest request, String identity) {
        this.sql = sql;
        this.alias = alias;
        this.parts = List.copyOf(parts);
        this.limit = request.limit();
        this.identity = identity;
        this.token = request.pageToken();
    }

    private record Row<T>(T item, List<Object> sortValues) {}

    /** Reads the page; the mapper sees the columns of the table whose rows are wanted. */
    public <T> Page<T> page(Handle handle, RowMapper<T> mapper) {
        return page(handle, 0, mapper);
    }

    /** The page behind so many more rows, which only a search of one part can leave out. */
    <T> Page<T> page(Handle handle, long skipped, RowMapper<T> mapper) {
        if (skipped > 0 && parts.size() > 1) {
            throw new IllegalArgumentException("rows of " + parts.size() + " parts cannot be skipped");
        }
        List<SortColumn> kinds = parts.getFirst().order();
        List<Object> after = PageToken.read(token, identity, kinds);
        List<Row<T>> rows = new ArrayList<>();
        for (Part part : parts) {
            if (rows.size() <= limit && !isOver(part, after)) {
                Query query = handle.createQuery(statement(part, after))
                        .bind("limit", limit + 1 - rows.size())
                        .bind("skipped", skipped);
                query.getConfig(SqlStatements.class).setUnusedBindingAllowed(true);
                sql.bindTo(query);
                rows.addAll(query.map((row, context) -> new Row<>(mapper.map(row, context), sortValues(part, row)))
                        .list());
            }
        }
        if (rows.size() <= limit) {
            return new Page<>(rows.stream().map(Row::item).toList(), Optional.empty());
        }
        List<Row<T>> kept = rows.subList(0, limit);
        return new Page<>(
                kept.stream().map(Row::item).toList(),
                Optional.of(PageToken.write(identity, kinds, kept.getLast().sortValues())));
    }

    /** Whether the page before ended in a later part. */
    private static boolean isOver(Part part, List<Object> after) {
        SortColumn first = part.order().getFirst();
        return first.constant() && !after.isEmpty() && Long.parseLong(first.expression()) < (Long) after.getFirst();
    }

    private String statement(Part part, List<Object> after) {
        List<SortColumn> order = part.order();
        StringBuilder text =
                new StringBuilder("select * from (select ").append(alias).append(".*");
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            text.append(", ").append(order.get(i).expression()).append(" as s").append(i);
            if (!order.get(i).constant()) {
                keys.add("s" + i + (order.get(i).ascending() ? "" : " desc"));
            }
        }
        text.append(" from ")
                .append(part.from())
                .append(" where ")
                .append(part.conditions().isEmpty() ? "1 = 1" : String.join(" and ", part.conditions()))
                .append(") q");
        int from = order.getFirst().constant() ? 1 : 0;
        boolean started = !after.isEmpty()
                && (from == 0 || order.getFirst().expression().equals(String.valueOf(after.getFirst())));
        if (started) {
            text.append(" where ").append(behind(order, after, from));
        }
        return text.append(" order by ")
                .append(String.join(", ", keys))
                .append(" limit :limit offset :skipped")
                .toString();
    }

    /** Bounds the first column by itself, so that an index in this order is entered at the right place. */
    private String behind(List<SortColumn> order, List<Object> after, int i) {
        String value = sql.bind(after.get(i));
        String beyond = "s" + i + (order.get(i).ascending() ? " > " : " < ") + value;
        if (i == order.size() - 1) {
            return beyond;
        }
        String bound = "s" + i + (order.get(i).ascending() ? " >= " : " <= ") + value;
        return bound + " and (" + beyond + " or (" + behind(order, after, i + 1) + "))";
    }

    private static List<Object> sortValues(Part part, ResultSet row) throws SQLException {
        List<Object> values = new ArrayList<>(part.order().size());
        for (int i = 0; i < part.order().size(); i++) {
            values.add(
                    switch (part.order().get(i).kind()) {
                        case INTEGER -> (Object) row.getLong("s" + i);
                        case REAL -> row.getDouble("s" + i);
                        case TEXT -> row.getString("s" + i);
                    });
        }
        return values;
    }
}
