package dev.perennial.tracking.search;

import dev.perennial.kernel.Page;
import dev.perennial.store.Database.Dialect;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * A search for versions of registered models: by model, source, run, number and tags. Without an order those that changed last come
 * first.
 */
public final class VersionSearch {
    private static final String FROM = "registered_version v join registered_model m on m.id = v.model";
    private static final String KEYS = "name, version_number, creation_timestamp or last_updated_timestamp";

    private final SqlText sql;
    private final RegistryClauses clauses;
    private final SearchRequest request;
    private final List<String> projects;

    private VersionSearch(SearchRequest request, List<String> projects, Dialect dialect) {
        this.sql = new SqlText(dialect);
        this.clauses = new RegistryClauses(
                sql, "select 1 from registered_version_tag t where t.model = v.model and t.number = v.number");
        this.request = request;
        this.projects = List.copyOf(projects);
    }

    /**
     * @param projects whose versions are searched; none finds nothing
     */
    public static VersionSearch of(SearchRequest request, List<String> projects, Dialect dialect) {
        return new VersionSearch(request, projects, dialect);
    }

    /** Reads the page; the mapper sees the columns of {@code registered_version}. */
    public <T> Page<T> page(Handle handle, RowMapper<T> mapper) {
        List<String> conditions =
                clauses.conditions(FilterParser.parse(request.filter()), projects, this::attribute);
        String identity = "versions " + projects + request.filter() + request.orderBy();
        return new CompiledSearch(
                        sql, "v", List.of(new CompiledSearch.Part(FROM, conditions, order())), request, identity)
                .page(handle, mapper);
    }

    private String attribute(Clause clause, String name) {
        return switch (name) {
            case "name" -> clauses.text(clause, "m.name");
            case "source_path" -> clauses.text(clause, "v.source");
            case "run_id" -> clauses.text(clause, "coalesce(v.run, '')");
            case "version_number" -> clauses.number(clause, "v.number");
            default ->
                throw RegistryClauses.unknown(
                        "filter", name, "name, source_path, run_id, version_number, or a tag as tags.KEY");
        };
    }

    private List<SortColumn> order() {
        List<SortColumn> columns = new ArrayList<>();
        for (OrderItem item : OrderItem.parse(request.orderBy())) {
            String name = RegistryClauses.ordered(item);
            columns.add(
                    switch (name) {
                        case "name" -> SortColumn.text(sql.sorted("m.name"), item.ascending());
                        case "version_number" -> SortColumn.integer("v.number", item.ascending());
                        case "creation_timestamp" -> SortColumn.integer("v.created_at", item.ascending());
                        case "last_updated_timestamp" -> SortColumn.integer("v.updated_at", item.ascending());
                        default -> throw RegistryClauses.unknown("order_by", name, KEYS);
                    });
        }
        OrderItem.noDuplicates(columns.stream().map(SortColumn::expression).toList());
        if (columns.isEmpty()) {
            columns.add(SortColumn.integer("v.updated_at", false));
        }
        columns.add(SortColumn.text(sql.sorted("m.name"), true));
        columns.add(SortColumn.integer("v.number", false));
        columns.add(SortColumn.integer("v.model", true));
        return RegistryClauses.distinct(columns);
    }
}
