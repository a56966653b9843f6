package dev.perennial.tracking.search;

import dev.perennial.kernel.Page;
import dev.perennial.store.Database.Dialect;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/** A search for registered models: by name and tags. Without an order they come by name. */
public final class ModelSearch {
    private static final String KEYS = "name, timestamp or last_updated_timestamp";

    private final SqlText sql;
    private final RegistryClauses clauses;
    private final SearchRequest request;
    private final List<String> projects;

    private ModelSearch(SearchRequest request, List<String> projects, Dialect dialect) {
        this.sql = new SqlText(dialect);
        this.clauses = new RegistryClauses(sql, "select 1 from registered_model_tag t where t.model = m.id");
        this.request = request;
        this.projects = List.copyOf(projects);
    }

    /**
     * @param projects whose models are searched; none finds nothing
     */
    public static ModelSearch of(SearchRequest request, List<String> projects, Dialect dialect) {
        return new ModelSearch(request, projects, dialect);
    }

    /** Reads the page; the mapper sees the columns of {@code registered_model}. */
    public <T> Page<T> page(Handle handle, RowMapper<T> mapper) {
        List<String> conditions =
                clauses.conditions(FilterParser.parse(request.filter()), projects, this::attribute);
        String identity = "models " + projects + request.filter() + request.orderBy();
        return new CompiledSearch(
                        sql,
                        "m",
                        List.of(new CompiledSearch.Part("registered_model m", conditions, order())),
                        request,
                        identity)
                .page(handle, mapper);
    }

    private String attribute(Clause clause, String name) {
        if (!name.equals("name")) {
            throw RegistryClauses.unknown("filter", name, "name, or a tag as tags.KEY");
        }
        return clauses.text(clause, "m.name");
    }

    private List<SortColumn> order() {
        List<SortColumn> columns = new ArrayList<>();
        for (OrderItem item : OrderItem.parse(request.orderBy())) {
            String name = RegistryClauses.ordered(item);
            columns.add(
                    switch (name) {
                        case "name" -> SortColumn.text(sql.sorted("m.name"), item.ascending());
                        case "timestamp", "last_updated_timestamp" ->
                            SortColumn.integer("m.updated_at", item.ascending());
                        case "creation_timestamp" -> SortColumn.integer("m.created_at", item.ascending());
                        default -> throw RegistryClauses.unknown("order_by", name, KEYS);
                    });
        }
        OrderItem.noDuplicates(columns.stream().map(SortColumn::expression).toList());
        columns.add(SortColumn.text(sql.sorted("m.name"), true));
        columns.add(SortColumn.integer("m.id", true));
        return RegistryClauses.distinct(columns);
    }
}
