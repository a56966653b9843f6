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
import org.jspecify.annotations.Nullable;

/**
 * A search as one statement: filter, order and start of the page are evaluated by the database. Pages start behind the last row of the
 * page before, so rows that come and go meanwhile neither repeat nor hide others.
 */
final class CompiledSearch {
    private final SqlText sql;
    private final String table;
    private final List<String> conditions;
    private final List<SortColumn> order;
    private final int limit;
    private final String identity;
    private final @Nullable String token;

    /**
     * @param table with its short name, {@code tracked_run r}
     * @param identity the same for the same search, whatever the page
     */
    CompiledSearch(
            SqlText sql,
            String table,
            List<String> conditions,
            List<SortColumn> order,
            SearchRequest request,
            String identity) {
        this.sql = sql;
        this.table = table;
        this.conditions = List.copyOf(conditions);
        this.order = List.copyOf(order);
        this.limit = request.limit();
        this.identity = identity;
        this.token = request.pageToken();
    }

    private record Row<T>(T item, List<Object> sortValues) {}

    <T> Page<T> page(Handle handle, RowMapper<T> mapper) {
        List<Object> after = PageToken.read(token, identity, order);
        Query query = handle.createQuery(statement(after)).bind("limit", limit + 1);
        sql.bindTo(query);
        List<Row<T>> rows = query.map((row, context) -> new Row<>(mapper.map(row, context), sortValues(row)))
                .list();
        if (rows.size() <= limit) {
            return new Page<>(rows.stream().map(Row::item).toList(), Optional.empty());
        }
        List<Row<T>> kept = rows.subList(0, limit);
        return new Page<>(
                kept.stream().map(Row::item).toList(),
                Optional.of(PageToken.write(identity, order, kept.getLast().sortValues())));
    }

    private String statement(List<Object> after) {
        String alias = table.substring(table.indexOf(' ') + 1);
        StringBuilder text =
                new StringBuilder("select * from (select ").append(alias).append(".*");
        for (int i = 0; i < order.size(); i++) {
            text.append(", ").append(order.get(i).expression()).append(" as s").append(i);
        }
        text.append(" from ")
                .append(table)
                .append(" where ")
                .append(String.join(" and ", conditions))
                .append(") q");
        if (!after.isEmpty()) {
            text.append(" where ").append(behind(after, 0));
        }
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            keys.add("s" + i + (order.get(i).ascending() ? "" : " desc"));
        }
        return text.append(" order by ")
                .append(String.join(", ", keys))
                .append(" limit :limit")
                .toString();
    }

    private String behind(List<Object> after, int i) {
        String value = sql.bind(after.get(i));
        String beyond = "s" + i + (order.get(i).ascending() ? " > " : " < ") + value;
        return i == order.size() - 1
                ? beyond
                : "(" + beyond + " or (s" + i + " = " + value + " and " + behind(after, i + 1) + "))";
    }

    private List<Object> sortValues(ResultSet row) throws SQLException {
        List<Object> values = new ArrayList<>(order.size());
        for (int i = 0; i < order.size(); i++) {
            values.add(
                    switch (order.get(i).kind()) {
                        case INTEGER -> (Object) row.getLong("s" + i);
                        case REAL -> row.getDouble("s" + i);
                        case TEXT -> row.getString("s" + i);
                    });
        }
        return values;
    }
}
