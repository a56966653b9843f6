package dev.perennial.tracking.search;

import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database.Dialect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;

/**
 * A search for logged models that are in use. A clause about something that a model does not have is false. A metric clause holds when the
 * latest value on any dataset that counts satisfies it; an order takes the latest of these values. Without an order the newest come first.
 */
public final class ModelSearch {
    private static final int EXPERIMENTS_MAX = 10_000;
    private static final Map<String, String> TEXTS = Map.of(
            "name", "l.name",
            "model_id", "l.id",
            "model_type", "l.type",
            "status", "l.status",
            "source_run_id", "l.source_run");
    private static final Map<String, String> TIMES = Map.of(
            "creation_timestamp", "l.created_at",
            "creation_time", "l.created_at",
            "creation_timestamp_ms", "l.created_at",
            "last_updated_timestamp", "l.updated_at",
            "last_updated_timestamp_ms", "l.updated_at",
            "last_updated_time", "l.updated_at");

    private static final Set<String> ATTRIBUTES =
            Stream.concat(TEXTS.keySet().stream(), TIMES.keySet().stream()).collect(Collectors.toUnmodifiableSet());

    /** How the wire writes a status, and the database. */
    private static final Map<String, String> STATUS = Map.of(
            "LOGGED_MODEL_PENDING", "PENDING",
            "LOGGED_MODEL_READY", "READY",
            "LOGGED_MODEL_UPLOAD_FAILED", "FAILED");

    private final SqlText sql;
    private final ClauseSql clauses;
    private final ModelSearchRequest request;
    private final SearchRequest bounded;
    private final String identity;
    private final List<String> conditions = new ArrayList<>();
    private final List<SortColumn> order = new ArrayList<>();
    private boolean metricAsked;

    private ModelSearch(ModelSearchRequest request, List<Long> experiments, Dialect dialect) {
        this.sql = new SqlText(dialect);
        this.clauses = new ClauseSql(sql);
        this.request = request;
        this.bounded = request.bounded();
        this.identity = "models " + experiments + request.filter() + request.datasets() + request.orderBy();
    }

    /**
     * @param experiments whose models are searched; none finds nothing
     */
    public static ModelSearch of(ModelSearchRequest request, List<Long> experiments, Dialect dialect) {
        if (experiments.size() > EXPERIMENTS_MAX) {
            throw PerennialException.invalid(
                    "experiment_ids",
                    "at most " + EXPERIMENTS_MAX + " experiments can be searched at once, got " + experiments.size());
        }
        ModelSearch search = new ModelSearch(request, experiments, dialect);
        search.conditions.add("l.deleted_at is null");
        // Numbers, so they can be written; as many values could not be bound.
        search.conditions.add(
                experiments.isEmpty()
                        ? "1 = 0"
                        : "l.experiment in ("
                                + String.join(
                                        ", ",
                                        experiments.stream()
                                                .map(String::valueOf)
                                                .toList()) + ")");
        search.conditions.add(ConditionSql.of(FilterParser.parse(request.filter()), search::condition));
        search.measuredOnDatasets();
        search.sort();
        return search;
    }

    /** Reads the page; the mapper sees the columns of {@code logged_model}. */
    public <T> Page<T> page(Handle handle, RowMapper<T> mapper) {
        return new CompiledSearch(
                        sql,
                        "l",
                        List.of(new CompiledSearch.Part("logged_model l", conditions, order)),
                        bounded,
                        identity)
                .page(handle, mapper);
    }

    /** Datasets without a metric clause ask for models that were measured on one of them. */
    private void measuredOnDatasets() {
        if (!request.datasets().isEmpty() && !metricAsked) {
            conditions.add("exists (select 1 from logged_model_metric m where m.model_id = l.id"
                    + among(request.datasets()) + ")");
        }
    }

    private String among(List<ModelSearchRequest.OfDataset> datasets) {
        if (datasets.isEmpty()) {
            return "";
        }
        List<String> either = new ArrayList<>();
        for (ModelSearchRequest.OfDataset dataset : datasets) {
            either.add("(m.dataset_name = " + sql.bind(dataset.name())
                    + (dataset.digest() == null ? "" : " and m.dataset_digest = " + sql.bind(dataset.digest())) + ")");
        }
        return " and (" + String.join(" or ", either) + ")";
    }

    private String condition(Clause clause) {
        String name = clause.key().name();
        return switch (clause.key().entity()) {
            case "metrics" -> metric(clause, name);
            case "params" -> clauses.pair(clause, "logged_model_param", "t.model = l.number");
            case "tags" -> clauses.pair(clause, "logged_model_tag", "t.model = l.number");
            case null -> attribute(clause, name);
            case "attributes" -> attribute(clause, name);
            default -> throw ClauseSql.unknownEntity(clause.key(), "attributes, metrics, params or tags");
        };
    }

    private String metric(Clause clause, String name) {
        if (!(clause instanceof Clause.WithNumber number)) {
            throw clause.refused("a metric compares with a number by one of = != > >= < <=");
        }
        metricAsked = true;
        String compared = "m.value " + number.operator().sql() + " "
                + sql.bind(number.value().doubleValue());
        return "exists (select 1 from logged_model_metric m where m.model_id = l.id and m.key = " + sql.bind(name)
                + (number.operator() == Operator.NOT_EQUAL
                        ? " and (m.value_nan = 1 or " + compared + ")"
                        : " and m.value_nan = 0 and " + compared)
                + among(request.datasets()) + ")";
    }

    private String attribute(Clause clause, String name) {
        String time = TIMES.get(name);
        if (time != null) {
            return clauses.time(clause, time);
        }
        String text = TEXTS.get(name);
        if (text == null) {
            throw ClauseSql.unknownAttribute(clause.key(), ATTRIBUTES);
        }
        return clauses.text(name.equals("status") ? plainStatus(clause) : clause, text);
    }

    private static Clause plainStatus(Clause clause) {
        return switch (clause) {
            case Clause.WithText text
            when !text.operator().like() ->
                new Clause.WithText(text.key(), text.operator(), STATUS.getOrDefault(text.value(), text.value()));
            case Clause.OneOf list ->
                new Clause.OneOf(
                        list.key(),
                        list.negated(),
                        list.values().stream()
                                .map(value -> STATUS.getOrDefault(value, value))
                                .toList());
            default -> clause;
        };
    }

    private void sort() {
        Map<String, Boolean> seen = new HashMap<>();
        for (ModelSearchRequest.Order item : request.orderBy()) {
            String resolved = sort(item);
            if (seen.put(resolved + item.dataset(), Boolean.TRUE) != null) {
                throw PerennialException.invalid("order_by", "`order_by` contains duplicate fields: " + item.field());
            }
        }
        if (!seen.containsKey("l.created_at" + null)) {
            order.add(SortColumn.integer("l.created_at", false));
        }
        order.add(SortColumn.text(sql.sorted("l.id"), true));
    }

    /** Adds the columns of an item and returns what it stands for, whatever its spelling. */
    private String sort(ModelSearchRequest.Order item) {
        Clause.Key key = OrderItem.parse(List.of(item.field())).getFirst().key();
        if ("metrics".equals(key.entity())) {
            sortMetric(key.name(), item.ascending(), item.dataset());
            return key.toString();
        }
        if (item.dataset() != null) {
            throw PerennialException.invalid(
                    "order_by", "dataset_name only goes with metrics, not with '" + item.field() + "'");
        }
        if (key.entity() != null && !key.entity().equals("attributes")) {
            throw PerennialException.invalid(
                    "order_by",
                    "Invalid order by field name: " + item.field() + ": expected an attribute or metrics.NAME");
        }
        String time = TIMES.get(key.name());
        if (time != null) {
            order.add(SortColumn.integer(time, item.ascending()));
            return time;
        }
        String text = TEXTS.get(key.name());
        if (text == null) {
            throw ClauseSql.unknownAttribute(key, ATTRIBUTES);
        }
        order.add(SortColumn.integer("case when " + text + " is null then 1 else 0 end", true));
        order.add(SortColumn.text(sql.sorted("coalesce(" + text + ", '')"), item.ascending()));
        return text;
    }

    /** Numbers first, then NaN, then models without the metric. */
    private void sortMetric(String name, boolean ascending, ModelSearchRequest.@Nullable OfDataset dataset) {
        List<ModelSearchRequest.OfDataset> datasets = dataset == null ? request.datasets() : List.of(dataset);
        String latest = " from logged_model_metric m where m.model_id = l.id and m.key = ";
        String last = " order by m.step desc, m.at desc, m.value desc, m.value_nan desc limit 1";
        order.add(SortColumn.integer(
                "coalesce((select m.value_nan" + latest + sql.bind(name) + among(datasets) + last + "), 2)", true));
        order.add(SortColumn.real(
                "coalesce((select m.value" + latest + sql.bind(name) + among(datasets) + last + "), 0.0)", ascending));
    }
}
