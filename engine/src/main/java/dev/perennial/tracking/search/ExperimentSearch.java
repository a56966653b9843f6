package dev.perennial.tracking.search;

import dev.perennial.kernel.Page;
import dev.perennial.store.Database.Dialect;
import dev.perennial.tracking.View;
import dev.perennial.tracking.Visible;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/** A search for experiments: by name, times and tags. Without an order the newest comes first. */
public final class ExperimentSearch {
    private static final SearchTable EXPERIMENTS = SearchTable.of("experiment e", "e")
            .text("name", "e.name")
            .time("creation_time", "e.created_at")
            .time("last_update_time", "e.updated_at")
            .pairs(Set.of("tag", "tags"), "experiment_tag", "t.experiment = e.id")
            .sortable("name", "e.name", SortColumn.Kind.TEXT)
            .sortable("experiment_id", "e.id", SortColumn.Kind.INTEGER)
            .sortable("creation_time", "e.created_at", SortColumn.Kind.INTEGER)
            .sortable("last_update_time", "e.updated_at", SortColumn.Kind.INTEGER)
            .defaultOrder(SortColumn.integer("e.created_at", false), SortColumn.integer("e.id", true))
            .tieBreak(SortColumn.integer("e.id", false))
            .build();

    private ExperimentSearch() {}

    /** Reads the page; the mapper sees the columns of {@code experiment}. */
    public static <T> Page<T> page(
            Handle handle, SearchRequest request, Visible visible, Dialect dialect, RowMapper<T> mapper) {
        SqlText sql = new SqlText(dialect);
        List<String> conditions = new ArrayList<>();
        conditions.add(visible.condition("e", sql.bind(visible.project())));
        if (request.view() != View.ALL) {
            conditions.add("e.stage = '" + (request.view() == View.ACTIVE_ONLY ? "active" : "deleted") + "'");
        }
        return EXPERIMENTS.page(handle, sql, conditions, visible.project(), request, mapper);
    }
}
