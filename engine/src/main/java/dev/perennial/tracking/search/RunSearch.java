package dev.perennial.tracking.search;

import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database.Dialect;
import dev.perennial.tracking.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatements;

/**
 * A search for runs. A clause about something that a run does not have is false, also with {@code !=}. In an order, NaN comes behind
 * numbers and missing values last, in both directions.
 */
public final class RunSearch {
    private static final int EXPERIMENTS_MAX = 10_000;

    /** So many runs are read and sorted in a few milliseconds. */
    private static final int FEW = 1000;

    /** What the indexes of texts hold of a value. */
    private static final int INDEXED_LENGTH = 100;

    /** The latest value of a metric of a run; ends in the key. */
    private static final String LATEST = " from run_metric_latest m where m.run = r.number and m.key = ";

    private final SqlText sql;
    private final ClauseSql clauses;
    private final List<String> conditions = new ArrayList<>();
    private final List<String> scope = new ArrayList<>();
    private final List<Driver> drivers = new ArrayList<>();
    private final List<SortColumn> order = new ArrayList<>();
    private Optional<FirstMetric> firstMetric = Optional.empty();
    private boolean asksForMetrics;
    private final SearchRequest request;
    private final String identity;

    /**
     * A statement that finds the runs of one clause by an index.
     *
     * @param ranked whether it needs the ranks of metrics
     */
    private record Driver(String runs, boolean ranked) {}

    /** The metric that an order starts with. */
    private record FirstMetric(String name, boolean ascending) {}

    private RunSearch(SearchRequest request, List<Long> experiments, Dialect dialect) {
        this.sql = new SqlText(dialect);
        this.clauses = new ClauseSql(sql);
        this.request = request;
        this.identity = "runs " + experiments + request.filter() + request.orderBy() + request.view();
    }

    /**
     * @param experiments whose runs are searched; none finds nothing
     */
    public static RunSearch of(SearchRequest request, List<Long> experiments, Dialect dialect) {
        if (experiments.size() > EXPERIMENTS_MAX) {
            throw PerennialException.invalid(
                    "experiment_ids",
                    "at most " + EXPERIMENTS_MAX + " experiments can be searched at once, got " + experiments.size());
        }
        RunSearch search = new RunSearch(request, experiments, dialect);
        search.among(experiments);
        search.filter(FilterParser.parse(request.filter()));
        search.sort(OrderItem.parse(request.orderBy()));
        return search;
    }

    /** Whether the search looks at values of metrics, which must be up to date then, and better ranked. */
    public boolean asksForMetrics() {
        return asksForMetrics;
    }

    /**
     * Reads the page; the mapper sees the columns of {@code tracked_run}.
     *
     * @param ranked whether the ranks of metrics may be used
     * @param skipped how many rows to leave out before the page
     */
    public <T> Page<T> page(Handle handle, boolean ranked, long skipped, RowMapper<T> mapper) {
        // How many rows the first of several parts has is not known, so rows are skipped in one.
        List<CompiledSearch.Part> parts = parts(handle, ranked && skipped == 0);
        return new CompiledSearch(sql, "r", parts, request, identity).page(handle, skipped, mapper);
    }

    /** How many runs there are, counted no further than one beyond the bound. */
    public long count(Handle handle, long bound) {
        Query count = handle.createQuery("select count(*) from (select 1 from tracked_run r where "
                + String.join(" and ", conditions) + " limit " + (bound + 1) + ") c");
        count.getConfig(SqlStatements.class).setUnusedBindingAllowed(true);
        sql.bindTo(count);
        return count.mapTo(Long.class).one();
    }

    /**
     * Chooses where to start: when few runs come into question, by their experiments or by one clause, with those; else in the order that is
     * wanted, when an index has it.
     */
    private List<CompiledSearch.Part> parts(Handle handle, boolean ranked) {
        CompiledSearch.Part general = new CompiledSearch.Part("tracked_run r", conditions, order);
        if (few(handle, "select 1 from tracked_run r where " + String.join(" and ", scope)) <= FEW) {
            return List.of(general);
        }
        long fewest = FEW + 1;
        String start = "";
        for (Driver driver : drivers) {
            long count = driver.ranked() && !ranked ? fewest : few(handle, driver.runs());
            if (count < fewest) {
                fewest = count;
                start = driver.runs();
            }
        }
        if (!start.isEmpty()) {
            return List.of(new CompiledSearch.Part(
                    "(" + start + ") d cross join tracked_run r", with(conditions, "r.number = d.run"), order));
        }
        return ranked && firstMetric.isPresent() ? byMetric(firstMetric.get()) : List.of(general);
    }

    private long few(Handle handle, String rows) {
        Query count = handle.createQuery("select count(*) from (" + rows + " limit " + (FEW + 1) + ") c");
        count.getConfig(SqlStatements.class).setUnusedBindingAllowed(true);
        sql.bindTo(count);
        return count.mapTo(Long.class).one();
    }

    private static List<String> with(List<String> conditions, String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.addAll(conditions);
        return all;
    }

    /** Numbers by value, then NaN, then runs without the metric. */
    private List<CompiledSearch.Part> byMetric(FirstMetric metric) {
        String rank = "run_metric_rank m cross join tracked_run r";
        String key = "m.key = " + sql.bind(metric.name());
        List<SortColumn> rest = order.subList(2, order.size());
        return List.of(
                new CompiledSearch.Part(
                        rank,
                        with(conditions, key, "m.value_nan = 0", "r.number = m.run"),
                        order(0, SortColumn.real("m.value", metric.ascending()), rest)),
                new CompiledSearch.Part(
                        rank,
                        with(conditions, key, "m.value_nan = 1", "r.number = m.run"),
                        order(1, SortColumn.real("0.0", metric.ascending()), rest)),
                new CompiledSearch.Part(
                        "tracked_run r",
                        with(
                                conditions,
                                "not exists (select 1 from run_metric_rank m where m.run = r.number and " + key + ")"),
                        order(2, SortColumn.real("0.0", metric.ascending()), rest)));
    }

    private static List<SortColumn> order(long first, SortColumn second, List<SortColumn> rest) {
        List<SortColumn> order = new ArrayList<>(List.of(SortColumn.constant(first), second));
        order.addAll(rest);
        return order;
    }

    private void among(List<Long> experiments) {
        // Numbers, so they can be written; as many values could not be bound.
        scope.add(
                switch (experiments.size()) {
                    case 0 -> "1 = 0";
                    case 1 -> "r.experiment = " + experiments.getFirst();
                    default ->
                        "r.experiment in ("
                                + String.join(
                                        ", ",
                                        experiments.stream()
                                                .map(String::valueOf)
                                                .toList()) + ")";
                });
        if (request.view() != View.ALL) {
            scope.add("r.stage = '" + (request.view() == View.ACTIVE_ONLY ? "active" : "deleted") + "'");
        }
        conditions.addAll(scope);
    }

    /** Only what every run that is found must fulfil can be where the search starts. */
    private void filter(Condition filter) {
        conditions.add(ConditionSql.of(filter, this::condition));
        switch (filter) {
            case Condition.And(List<Condition> parts) ->
                parts.forEach(part -> {
                    if (part instanceof Clause clause) {
                        driver(clause).ifPresent(drivers::add);
                    }
                });
            case Clause clause -> driver(clause).ifPresent(drivers::add);
            case Condition.Or ignored -> {}
            case Condition.Not ignored -> {}
        }
    }

    private String condition(Clause clause) {
        return switch (RunKey.of(clause.key())) {
            case RunKey.OfMetric metric -> metric(clause, metric.name());
            case RunKey.OfParam ignored -> clauses.pair(clause, "run_param", "t.run = r.number");
            case RunKey.OfTag ignored -> clauses.pair(clause, "run_tag", "t.run = r.number");
            case RunKey.Text text -> clauses.text(clause, text.column());
            case RunKey.Time time -> clauses.time(clause, time.column());
            case RunKey.OfDataset property -> dataset(clause, property);
        };
    }

    private String metric(Clause clause, String name) {
        asksForMetrics = true;
        return "exists (select 1" + LATEST + sql.bind(name) + " and " + meaning(clause) + ")";
    }

    /** What must be true of the metric {@code m}. NaN equals nothing and is neither greater nor less. */
    private String meaning(Clause clause) {
        if (!(clause instanceof Clause.WithNumber number)) {
            throw clause.refused("a metric compares with a number, without quotes, by one of = != > >= < <=");
        }
        String compared = "m.value " + number.operator().sql() + " "
                + sql.bind(number.value().doubleValue());
        return number.operator() == Operator.NOT_EQUAL
                ? "(m.value_nan = 1 or " + compared + ")"
                : "m.value_nan = 0 and " + compared;
    }

    /** How an index finds the runs of a clause, where one does. */
    private Optional<Driver> driver(Clause clause) {
        return switch (RunKey.of(clause.key())) {
            case RunKey.OfMetric(String name)
            when clause instanceof Clause.WithNumber number && number.operator() != Operator.NOT_EQUAL ->
                Optional.of(new Driver(
                        "select m.run from run_metric_rank m where m.key = " + sql.bind(name) + " and "
                                + meaning(clause),
                        true));
            case RunKey.OfParam(String name) -> pairDriver(clause, "run_param", name);
            case RunKey.OfTag(String name) -> pairDriver(clause, "run_tag", name);
            default -> Optional.empty();
        };
    }

    private Optional<Driver> pairDriver(Clause clause, String table, String name) {
        if (!(clause instanceof Clause.WithText equal) || equal.operator() != Operator.EQUAL) {
            return Optional.empty();
        }
        return Optional.of(new Driver(
                "select p.run from " + table + " p where p.key = " + sql.bind(name) + " and substr(p.value, 1, "
                        + INDEXED_LENGTH + ") = " + sql.bind(beginning(equal.value())) + " and p.value = "
                        + sql.bind(equal.value()),
                false));
    }

    private static String beginning(String value) {
        return value.codePointCount(0, value.length()) <= INDEXED_LENGTH
                ? value
                : value.substring(0, value.offsetByCodePoints(0, INDEXED_LENGTH));
    }

    private String dataset(Clause clause, RunKey.OfDataset property) {
        String input = "exists (select 1 from run_input i join tracked_dataset d on d.number = i.dataset";
        if (property == RunKey.OfDataset.CONTEXT) {
            return input
                    + " join run_input_tag t on t.run = i.run and t.dataset = i.dataset and t.key = 'mlflow.data.context'"
                    + " where i.run = r.number and " + clauses.text(clause, "t.value") + ")";
        }
        return input + " where i.run = r.number and "
                + clauses.text(clause, "d." + property.name().toLowerCase(Locale.ROOT)) + ")";
    }

    private void sort(List<OrderItem> items) {
        List<RunKey> keys = items.stream().map(item -> RunKey.of(item.key())).toList();
        OrderItem.noDuplicates(items, keys);
        for (int i = 0; i < keys.size(); i++) {
            sort(keys.get(i), items.get(i).ascending());
            if (i == 0 && keys.get(i) instanceof RunKey.OfMetric(String name)) {
                firstMetric = Optional.of(new FirstMetric(name, items.get(i).ascending()));
            }
        }
        sort(RunKey.Time.START_TIME, false);
        sort(RunKey.Text.RUN_ID, true);
    }

    private void sort(RunKey key, boolean ascending) {
        switch (key) {
            case RunKey.OfMetric(String name) -> {
                asksForMetrics = true;
                order.add(SortColumn.integer("coalesce((select m.value_nan" + LATEST + sql.bind(name) + "), 2)", true));
                order.add(SortColumn.real("coalesce((select m.value" + LATEST + sql.bind(name) + "), 0.0)", ascending));
            }
            case RunKey.OfParam(String name) -> sortPair("run_param", name, ascending);
            case RunKey.OfTag(String name) -> sortPair("run_tag", name, ascending);
            case RunKey.Text text -> order.add(SortColumn.text(sql.sorted(text.column()), ascending));
            case RunKey.Time time -> {
                order.add(SortColumn.integer(
                        "coalesce(" + time.column() + ", " + (ascending ? Long.MAX_VALUE : -Long.MAX_VALUE) + ")",
                        ascending));
            }
            case RunKey.OfDataset ignored ->
                throw PerennialException.invalid(
                        "order_by", "runs cannot be ordered by datasets; use metrics, params, tags or attributes");
        }
    }

    private void sortPair(String table, String name, boolean ascending) {
        String from = " from " + table + " p where p.run = r.number and p.key = ";
        order.add(SortColumn.integer("coalesce((select 0" + from + sql.bind(name) + "), 1)", true));
        order.add(
                SortColumn.text(sql.sorted("coalesce((select p.value" + from + sql.bind(name) + "), '')"), ascending));
    }
}
