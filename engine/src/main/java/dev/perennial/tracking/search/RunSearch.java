package dev.perennial.tracking.search;

import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database.Dialect;
import dev.perennial.tracking.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * A search for runs. A clause about something that a run does not have is false, also with {@code !=}. In an order, NaN comes behind
 * numbers and missing values last, in both directions.
 */
public final class RunSearch {
    private static final int EXPERIMENTS_MAX = 10_000;

    /** The newest row of a metric of a run; ends in the key. */
    private static final String NEWEST = " from run_metric m where m.run = r.number and m.key = ";

    private static final String NEWEST_FIRST =
            " order by m.step desc, m.at desc, m.value desc, m.value_nan desc limit 1";

    private final SqlText sql;
    private final List<String> conditions = new ArrayList<>();
    private final List<SortColumn> order = new ArrayList<>();
    private final SearchRequest request;
    private final String identity;

    private RunSearch(SearchRequest request, List<Long> experiments, Dialect dialect) {
        this.sql = new SqlText(dialect);
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
        FilterParser.parse(request.filter()).forEach(clause -> search.conditions.add(search.condition(clause)));
        search.sort(OrderItem.parse(request.orderBy()));
        return search;
    }

    /** Reads the page; the mapper sees the columns of {@code tracked_run}. */
    public <T> Page<T> page(Handle handle, RowMapper<T> mapper) {
        return new CompiledSearch(sql, "tracked_run r", conditions, order, request, identity).page(handle, mapper);
    }

    private void among(List<Long> experiments) {
        // Numbers, so they can be written; as many values could not be bound.
        conditions.add(
                experiments.isEmpty()
                        ? "1 = 0"
                        : "r.experiment in ("
                                + String.join(
                                        ", ",
                                        experiments.stream()
                                                .map(String::valueOf)
                                                .toList()) + ")");
        if (request.view() != View.ALL) {
            conditions.add("r.stage = '" + (request.view() == View.ACTIVE_ONLY ? "active" : "deleted") + "'");
        }
    }

    private String condition(Clause clause) {
        return switch (RunKey.of("filter", clause.key())) {
            case RunKey.OfMetric metric -> metric(clause, metric.name());
            case RunKey.OfParam param -> pair(clause, "run_param", param.name());
            case RunKey.OfTag tag -> pair(clause, "run_tag", tag.name());
            case RunKey.Text text -> text(clause, text.column());
            case RunKey.Time time -> time(clause, time.column());
            case RunKey.OfDataset property -> dataset(clause, property);
        };
    }

    private String metric(Clause clause, String name) {
        if (!(clause instanceof Clause.WithNumber number)) {
            throw refused(clause, "a metric compares with a number by one of = != > >= < <=");
        }
        // NaN equals nothing and is neither greater nor less.
        String compared = "x.value " + number.operator().sql() + " "
                + sql.bind(number.value().doubleValue());
        String meaning = number.operator() == Operator.NOT_EQUAL
                ? "(x.value_nan = 1 or " + compared + ")"
                : "x.value_nan = 0 and " + compared;
        return "exists (select 1 from (select m.value, m.value_nan" + NEWEST + sql.bind(name) + NEWEST_FIRST
                + ") x where " + meaning + ")";
    }

    private String pair(Clause clause, String table, String name) {
        String pair = "exists (select 1 from " + table + " p where p.run = r.number and p.key = " + sql.bind(name);
        return switch (clause) {
            case Clause.Missing missing -> (missing.negated() ? "" : "not ") + pair + ")";
            default -> pair + " and " + text(clause, "p.value") + ")";
        };
    }

    private String text(Clause clause, String expression) {
        return switch (clause) {
            case Clause.WithText text
            when text.operator().ofText() -> sql.text(expression, text.operator(), text.value());
            case Clause.OneOf list -> sql.oneOf(expression, list.negated(), list.values());
            case Clause.WithText ignored -> throw refused(clause, "a text compares by one of = != LIKE ILIKE IN");
            case Clause.WithNumber ignored -> throw refused(clause, "its value is a text and must be quoted");
            case Clause.Missing ignored -> throw refused(clause, "IS NULL works on params and tags");
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

    private String dataset(Clause clause, RunKey.OfDataset property) {
        String input = "exists (select 1 from run_input i join tracked_dataset d on d.number = i.dataset";
        if (property == RunKey.OfDataset.CONTEXT) {
            return input
                    + " join run_input_tag t on t.run = i.run and t.dataset = i.dataset and t.key = 'mlflow.data.context'"
                    + " where i.run = r.number and " + text(clause, "t.value") + ")";
        }
        return input + " where i.run = r.number and "
                + text(clause, "d." + property.name().toLowerCase(Locale.ROOT)) + ")";
    }

    private static PerennialException refused(Clause clause, String why) {
        return PerennialException.invalid("filter", "Invalid filter clause on '" + clause.key() + "': " + why);
    }

    private void sort(List<OrderItem> items) {
        List<RunKey> keys =
                items.stream().map(item -> RunKey.of("order_by", item.key())).toList();
        OrderItem.noDuplicates(keys);
        for (int i = 0; i < keys.size(); i++) {
            sort(keys.get(i), items.get(i).ascending());
        }
        sort(RunKey.Time.START_TIME, false);
        sort(RunKey.Text.RUN_ID, true);
    }

    private void sort(RunKey key, boolean ascending) {
        switch (key) {
            case RunKey.OfMetric(String name) -> {
                order.add(SortColumn.integer(
                        "coalesce((select m.value_nan" + NEWEST + sql.bind(name) + NEWEST_FIRST + "), 2)", true));
                order.add(SortColumn.real(
                        "coalesce((select m.value" + NEWEST + sql.bind(name) + NEWEST_FIRST + "), 0.0)", ascending));
            }
            case RunKey.OfParam(String name) -> sortPair("run_param", name, ascending);
            case RunKey.OfTag(String name) -> sortPair("run_tag", name, ascending);
            case RunKey.Text text -> order.add(SortColumn.text(sql.sorted(text.column()), ascending));
            case RunKey.Time time -> {
                order.add(SortColumn.integer("case when " + time.column() + " is null then 1 else 0 end", true));
                order.add(SortColumn.integer("coalesce(" + time.column() + ", 0)", ascending));
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
