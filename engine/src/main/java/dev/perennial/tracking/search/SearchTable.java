package dev.perennial.tracking.search;

import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * What one kind of thing can be searched by and ordered by: a description that is made once and serves every search of that kind. Immutable
 * once {@link Builder#build built}.
 */
public final class SearchTable {
    private static final Set<String> ATTRIBUTE = Set.of("attribute", "attributes");

    private final String from;
    private final String alias;
    private final Map<String, BiFunction<ClauseSql, Clause, String>> attributes;
    private final Map<String, BiFunction<ClauseSql, Clause, String>> entities;
    private final Map<String, Sorted> sorted;
    private final List<SortColumn> defaultOrder;
    private final List<SortColumn> tieBreak;

    /** By what an order may sort. */
    private record Sorted(String expression, SortColumn.Kind kind) {}

    private SearchTable(Builder builder) {
        this.from = builder.from;
        this.alias = builder.alias;
        this.attributes = Map.copyOf(builder.attributes);
        this.entities = Map.copyOf(builder.entities);
        this.sorted = Map.copyOf(builder.sorted);
        this.defaultOrder = List.copyOf(builder.defaultOrder);
        this.tieBreak = List.copyOf(builder.tieBreak);
    }

    /**
     * @param from the table with its short name, such as {@code experiment e}; joins to at most one row each are fine
     * @param alias the short name of the table whose columns the mapper reads
     */
    public static Builder of(String from, String alias) {
        return new Builder(from, alias);
    }

    /**
     * Reads a page.
     *
     * @param conditions what must hold besides the filter, in SQL; values are bound with {@code sql}
     * @param sql of the right dialect, with nothing else in it
     * @param scope names what is searched, and nothing that may change between two pages, as the caller's rights do
     */
    public <T> Page<T> page(
            Handle handle,
            SqlText sql,
            List<String> conditions,
            String scope,
            SearchRequest request,
            RowMapper<T> mapper) {
        List<String> all = new ArrayList<>(conditions);
        all.add(condition(request.filter() == null ? "" : request.filter(), sql));
        String identity = from + " " + scope + " " + request.filter() + request.orderBy() + request.view();
        List<SortColumn> order = order(OrderItem.parse(request.orderBy()), sql);
        return new CompiledSearch(sql, alias, List.of(new CompiledSearch.Part(from, all, order)), request, identity)
                .page(handle, mapper);
    }

    /** The filter as one SQL condition. */
    public String condition(String filter, SqlText sql) {
        ClauseSql clauses = new ClauseSql(sql);
        return ConditionSql.of(FilterParser.parse(filter), clause -> clause(clause, clauses));
    }

    private String clause(Clause clause, ClauseSql clauses) {
        String entity = clause.key().entity();
        if (entity != null && entities.containsKey(entity)) {
            return Objects.requireNonNull(entities.get(entity)).apply(clauses, clause);
        }
        if (entity != null && !ATTRIBUTE.contains(entity)) {
            Set<String> expected = new LinkedHashSet<>(List.of("attributes"));
            entities.keySet().stream().sorted().forEach(expected::add);
            throw ClauseSql.unknownEntity(clause.key(), String.join(", ", expected));
        }
        BiFunction<ClauseSql, Clause, String> attribute =
                attributes.get(clause.key().name());
        if (attribute == null) {
            throw ClauseSql.unknownAttribute(clause.key(), attributes.keySet());
        }
        return attribute.apply(clauses, clause);
    }

    private List<SortColumn> order(List<OrderItem> items, SqlText sql) {
        OrderItem.noDuplicates(
                items, items.stream().map(item -> item.key().name()).toList());
        List<SortColumn> order = new ArrayList<>();
        for (OrderItem item : items) {
            order.add(column(item, sql));
        }
        for (SortColumn column : items.isEmpty() ? defaultOrder : tieBreak) {
            order.add(column.kind() == SortColumn.Kind.TEXT ? sorted(column, sql) : column);
        }
        return order;
    }

    private static SortColumn sorted(SortColumn text, SqlText sql) {
        return SortColumn.text(sql.sorted(text.expression()), text.ascending());
    }

    private SortColumn column(OrderItem item, SqlText sql) {
        String entity = item.key().entity();
        Sorted by = entity == null || ATTRIBUTE.contains(entity)
                ? sorted.get(item.key().name())
                : null;
        if (by == null) {
            throw item.key()
                    .place()
                    .failure("Invalid order_by key '" + item.key() + "': expected one of "
                            + sorted.keySet().stream().sorted().toList());
        }
        return switch (by.kind()) {
            case INTEGER -> SortColumn.integer(by.expression(), item.ascending());
            case REAL -> SortColumn.real(by.expression(), item.ascending());
            case TEXT -> SortColumn.text(sql.sorted(by.expression()), item.ascending());
        };
    }

    /** Collects what a search may use. Names are as users write them. */
    public static final class Builder {
        private final String from;
        private final String alias;
        private final Map<String, BiFunction<ClauseSql, Clause, String>> attributes = new LinkedHashMap<>();
        private final Map<String, BiFunction<ClauseSql, Clause, String>> entities = new LinkedHashMap<>();
        private final Map<String, Sorted> sorted = new LinkedHashMap<>();
        private List<SortColumn> defaultOrder = List.of();
        private List<SortColumn> tieBreak = List.of();

        private Builder(String from, String alias) {
            this.from = from;
            this.alias = alias;
        }

        /** An attribute that is a text; NULL is no value. */
        public Builder text(String name, String expression) {
            attributes.put(name, (sql, clause) -> sql.text(clause, expression));
            return this;
        }

        /** An attribute that is a time in milliseconds; NULL is no value. */
        public Builder time(String name, String expression) {
            attributes.put(name, (sql, clause) -> sql.time(clause, expression));
            return this;
        }

        /** An attribute that is a whole number. */
        public Builder wholeNumber(String name, String expression) {
            attributes.put(name, (sql, clause) -> sql.wholeNumber(clause, expression));
            return this;
        }

        /**
         * Tags or params, as {@link ClauseSql#pair} has them.
         *
         * @param spellings of the entity
         */
        public Builder pairs(Set<String> spellings, String table, String join) {
            return entity(spellings, (sql, clause) -> sql.pair(clause, table, join));
        }

        /** An entity with a meaning of its own. */
        public Builder entity(Set<String> spellings, BiFunction<ClauseSql, Clause, String> condition) {
            spellings.forEach(spelling -> entities.put(spelling, condition));
            return this;
        }

        /** A key of orders; the expression must never be NULL. */
        public Builder sortable(String name, String expression, SortColumn.Kind kind) {
            sorted.put(name, new Sorted(expression, kind));
            return this;
        }

        /** Without an order; must end in something unique. */
        public Builder defaultOrder(SortColumn... columns) {
            defaultOrder = List.of(columns);
            return this;
        }

        /** Behind the order of a request; must end in something unique. */
        public Builder tieBreak(SortColumn... columns) {
            tieBreak = List.of(columns);
            return this;
        }

        public SearchTable build() {
            if (defaultOrder.isEmpty() || tieBreak.isEmpty()) {
                throw PerennialException.state("a search of " + from + " needs a default order and a tie break");
            }
            return new SearchTable(this);
        }
    }
}
