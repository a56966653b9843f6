package dev.perennial.registry;

import dev.perennial.kernel.Page;
import dev.perennial.store.Database.Dialect;
import dev.perennial.tracking.search.Clause;
import dev.perennial.tracking.search.ClauseSql;
import dev.perennial.tracking.search.Condition;
import dev.perennial.tracking.search.FilterParser;
import dev.perennial.tracking.search.Operator;
import dev.perennial.tracking.search.SearchRequest;
import dev.perennial.tracking.search.SearchTable;
import dev.perennial.tracking.search.SortColumn;
import dev.perennial.tracking.search.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * Searches for models and for versions. The tag that makes a model a prompt is special: a search that does not speak of it finds no
 * prompts, and asking for it not to be true finds those without the tag too. Replays are never found.
 */
final class RegistrySearch {
    private static final Set<String> TAGS = Set.of("tag", "tags");

    /** By name, unless another order is asked for. */
    static final RegistrySearch MODELS = new RegistrySearch(
            "registered_model_tag",
            "t.model = m.id",
            SearchTable.of("registered_model m", "m")
                    .text("name", "m.name")
                    .sortable("name", "m.name", SortColumn.Kind.TEXT)
                    .sortable("timestamp", "m.updated_at", SortColumn.Kind.INTEGER)
                    .sortable("last_updated_timestamp", "m.updated_at", SortColumn.Kind.INTEGER)
                    .sortable("creation_timestamp", "m.created_at", SortColumn.Kind.INTEGER)
                    .defaultOrder(SortColumn.text("m.name", true), SortColumn.integer("m.id", true))
                    .tieBreak(SortColumn.text("m.name", true), SortColumn.integer("m.id", true)));

    /** Those that changed last first, unless another order is asked for. */
    static final RegistrySearch VERSIONS = new RegistrySearch(
            "registered_version_tag",
            "t.model = v.model and t.number = v.number",
            SearchTable.of("registered_version v join registered_model m on m.id = v.model", "v")
                    .text("name", "m.name")
                    .text("source_path", "v.source")
                    .text("run_id", "coalesce(v.run, '')")
                    .wholeNumber("version_number", "v.number")
                    .sortable("name", "m.name", SortColumn.Kind.TEXT)
                    .sortable("version_number", "v.number", SortColumn.Kind.INTEGER)
                    .sortable("creation_timestamp", "v.created_at", SortColumn.Kind.INTEGER)
                    .sortable("last_updated_timestamp", "v.updated_at", SortColumn.Kind.INTEGER)
                    .defaultOrder(
                            SortColumn.integer("v.updated_at", false),
                            SortColumn.text("m.name", true),
                            SortColumn.integer("v.number", false),
                            SortColumn.integer("v.model", true))
                    .tieBreak(
                            SortColumn.text("m.name", true),
                            SortColumn.integer("v.number", false),
                            SortColumn.integer("v.model", true)));

    private final String tagTable;
    private final String tagJoin;
    private final SearchTable table;

    /**
     * @param tagTable where the tags are
     * @param tagJoin what ties a tag {@code t} to its row
     */
    private RegistrySearch(String tagTable, String tagJoin, SearchTable.Builder described) {
        this.tagTable = tagTable;
        this.tagJoin = tagJoin;
        this.table = described.entity(TAGS, this::tag).build();
    }

    /**
     * Reads a page.
     *
     * @param visible the models that are searched
     */
    <T> Page<T> page(
            Handle handle, SearchRequest request, VisibleModels visible, Dialect dialect, RowMapper<T> mapper) {
        SqlText sql = new SqlText(dialect);
        List<String> conditions = new ArrayList<>();
        conditions.add("m.replayed = 0");
        conditions.add("m.project = " + sql.bind(visible.project()));
        if (!visible.whole()) {
            conditions.add(visible.only().isEmpty() ? "1 = 0" : sql.oneOf("m.name", false, visible.only()));
        }
        if (!speaksOfPrompts(FilterParser.parse(request.filter()))) {
            conditions.add(noPrompt());
        }
        return table.page(handle, sql, conditions, visible.project(), request, mapper);
    }

    private static boolean speaksOfPrompts(Condition condition) {
        return switch (condition) {
            case Condition.And(List<Condition> parts) -> parts.stream().anyMatch(RegistrySearch::speaksOfPrompts);
            case Condition.Or(List<Condition> parts) -> parts.stream().anyMatch(RegistrySearch::speaksOfPrompts);
            case Condition.Not(Condition part) -> speaksOfPrompts(part);
            case Clause clause -> ofPrompts(clause.key());
        };
    }

    private static boolean ofPrompts(Clause.Key key) {
        return key.entity() != null && TAGS.contains(key.entity()) && key.name().equals(RegisteredModel.PROMPT_TAG);
    }

    private String noPrompt() {
        return "not exists (select 1 from " + tagTable + " t where " + tagJoin + " and t.key = '"
                + RegisteredModel.PROMPT_TAG + "' and lower(t.value) = 'true')";
    }

    private String tag(ClauseSql sql, Clause clause) {
        if (ofPrompts(clause.key()) && clause instanceof Clause.WithText text) {
            boolean isTrue = text.value().equalsIgnoreCase("true");
            if ((text.operator() == Operator.NOT_EQUAL && isTrue) || (text.operator() == Operator.EQUAL && !isTrue)) {
                return noPrompt();
            }
        }
        return sql.pair(clause, tagTable, tagJoin);
    }
}
