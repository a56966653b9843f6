package dev.perennial.tracking.search;

import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database.Dialect;
import dev.perennial.tracking.View;
import dev.perennial.tracking.Visible;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/** A search for experiments: by name, times and tags. Without an order the newest comes first. */
public final class ExperimentSearch {
    private final SqlText sql;
    private final List<String> conditions = new ArrayList<>();
    private final List<SortColumn> order = new ArrayList<>();
    private final SearchRequest request;
    private final Visible visible;

    private ExperimentSearch(SearchRequest request, Visible visible, Dialect dialect) {
        this.visible = visible;
        this.sql = new SqlText(dialect);
        this.request = request;
    }

    public static ExperimentSearch of(SearchRequest request, Visible visible, Dialect dialect) {
        ExperimentSearch search = new ExperimentSearch(request, visible, dialect);
        search.conditions.add(visible.condition("e", search.sql.bind(visible.project())));
        search.conditions.add(
                request.view() == View.ALL
                        ? "1 = 1"
                        : "e.stage = '" + (request.view() == View.ACTIVE_ONLY ? "active" : "deleted") + "'");
        FilterParser.parse(request.filter()).forEach(clause -> search.conditions.add(search.condition(clause)));
        search.sort(OrderItem.parse(request.orderBy()));
        return search;
    }

    /** Reads the page; the mapper sees the columns of {@code experiment}. */
    public <T> Page<T> page(Handle handle, RowMapper<T> mapper) {
        String identity = "experiments " + request.filter() + request.orderBy() + request.view()
                + visible.project();
        return new CompiledSearch(
                        sql,
                        "e",
                        List.of(new CompiledSearch.Part("experiment e", conditions, order)),
                        request,
                        identity)
                .page(handle, mapper);
    }

    private String condition(Clause clause) {
        String entity = clause.key().entity();
        if ("tag".equals(entity) || "tags".equals(entity)) {
            String pair = "exists (select 1 from experiment_tag t where t.experiment = e.id and t.key = "
                    + sql.bind(clause.key().name());
            return clause instanceof Clause.Missing missing
                    ? (missing.negated() ? "" : "not ") + pair + ")"
                    : pair + " and " + text(clause, "t.value") + ")";
        }
        if (entity != null && !entity.equals("attribute") && !entity.equals("attributes")) {
            throw PerennialException.invalid(
                    "filter", "Invalid entity type '" + entity + "' in filter: expected attributes or tags");
        }
        return switch (clause.key().name()) {
            case "name" -> text(clause, "e.name");
            case "creation_time" -> time(clause, "e.created_at");
            case "last_update_time" -> time(clause, "e.updated_at");
            default ->
                throw PerennialException.invalid(
                        "filter",
                        "Invalid attribute key '" + clause.key().name()
                                + "' in filter: expected name, creation_time or last_update_time");
        };
    }

    private String text(Clause clause, String expression) {
        return switch (clause) {
            case Clause.WithText text
            when text.operator().ofText() -> sql.text(expression, text.operator(), text.value());
            case Clause.OneOf list -> sql.oneOf(expression, list.negated(), list.values());
            default -> throw refused(clause, "a text compares with a quoted text by one of = != LIKE ILIKE IN");
        };
    }

    private String time(Clause clause, String column) {
        if (!(clause instanceof Clause.WithNumber number)) {
            throw refused(
                    clause, "a time compares with milliseconds since 1970, without quotes, by one of = != > >= < <=");
        }
        Number value = number.value();
        return column + " " + number.operator().sql() + " "
                + sql.bind(value instanceof Long ? value : (Object) value.doubleValue());
    }

    private static PerennialException refused(Clause clause, String why) {
        return PerennialException.invalid("filter", "Invalid filter clause on '" + clause.key() + "': " + why);
    }

    private void sort(List<OrderItem> items) {
        OrderItem.noDuplicates(items.stream().map(item -> item.key().name()).toList());
        for (OrderItem item : items) {
            order.add(column(item));
        }
        if (items.isEmpty()) {
            order.add(SortColumn.integer("e.created_at", false));
        }
        order.add(SortColumn.integer("e.id", items.isEmpty()));
    }

    private SortColumn column(OrderItem item) {
        String entity = item.key().entity();
        if (entity != null && !entity.equals("attribute") && !entity.equals("attributes")) {
            throw PerennialException.invalid(
                    "order_by", "experiments cannot be ordered by '" + item.key() + "': use an attribute");
        }
        return switch (item.key().name()) {
            case "name" -> SortColumn.text(sql.sorted("e.name"), item.ascending());
            case "experiment_id" -> SortColumn.integer("e.id", item.ascending());
            case "creation_time" -> SortColumn.integer("e.created_at", item.ascending());
            case "last_update_time" -> SortColumn.integer("e.updated_at", item.ascending());
            default ->
                throw PerennialException.invalid(
                        "order_by",
                        "Invalid order_by key '" + item.key().name()
                                + "': expected name, experiment_id, creation_time or last_update_time");
        };
    }
}
