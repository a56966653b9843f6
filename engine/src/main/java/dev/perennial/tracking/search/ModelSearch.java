package dev.perennial.tracking.search;

import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database.Dialect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    /** How the wire writes a status, and the database. */
    private static final Map<String, String> STATUS = Map.of(
            "LOGGED_MODEL_PENDING", "PENDING",
            "LOGGED_MODEL_READY", "READY",
            "LOGGED_MODEL_UPLOAD_FAILED", "FAILED");

    private final SqlText sql;
    private final ModelSearchRequest request;
    private final SearchRequest bounded;
    private final String identity;
    private final List<String> conditions = new ArrayList<>();
    private final List<SortColumn> order = new ArrayList<>();
    private boolean metricAsked;

    private ModelSearch(ModelSearchRequest request, List<Long> experiments, Dialect dialect) {
        this.sql = new SqlText(dialect);
        this.request = request;
        this.bounded = request.bounded();
        this.identity =
                "models " + experiments + request.filter() + request.datasets() + request.orderBy();
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
                                + String.join(", ", experiments.stream().map(String::valueOf).toList()) + ")");
        FilterParser.parse(request.filter()).forEach(clause -> search.conditions.add(search.condition(clause)));
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
            case "params" -> pair(clause, "logged_model_param", name);
            case "tags" -> pair(clause, "logged_model_tag", name);
            case null -> attribute(clause, name);
            case "attributes" -> attribute(clause, name);
            default ->
                throw PerennialException.invalid(
                        "filter",
                        "Invalid entity type '" + clause.key().entity()
                                + "' in filter: expected attributes, metrics, params or tags");
        };
    }

    private String metric(Clause clause, String name) {
        if (!(clause instanceof Clause.WithNumber number)) {
            throw refused(clause, "a metric compares with a number by one of = != > >= < <=");
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

    private String pair(Clause clause, String table, String name) {
        String pair =
                "exists (select 1 from " + table + " p where p.model = l.number and p.key = " + sql.bind(name);
        return clause instanceof Clause.Missing missing
                ? (missing.negated() ? "" : "not ") + pair + ")"
                : pair + " and " + text(clause, "p.value") + ")";
    }

    private String attribute(Clause clause, String name) {
        String time = TIMES.get(name);
        if (time != null) {
            return time(clause, time);
        }
        String text = TEXTS.get(name);
        if (text == null) {
            throw unknown("filter", name);
        }
        return text(name.equals("status") ? plainStatus(clause) : clause, text);
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

    private static PerennialException refused(Clause clause, String why) {
        return PerennialException.invalid("filter", "Invalid filter clause on '" + clause.key() + "': " + why);
    }

    private static PerennialException unknown(String field, String name) {
        List<String> known = new ArrayList<>(TEXTS.keySet());
        known.addAll(TIMES.keySet());
        return PerennialException.invalid(
                field,
                "Invalid attribute key '" + name + "' in " + field + ": expected one of "
                        + known.stream().sorted().toList());
    }

    private void sort() {
        Map<String, Boolean> seen = new HashMap<>();
        for (ModelSearchRequest.Order item : request.orderBy()) {
            String resolved = sort(item);
            if (seen.put(resolved + item.dataset(), Boolean.TRUE) != null) {
                throw PerennialException.invalid(
                        "order_by", "`order_by` contains duplicate fields: " + item.field());
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
            throw unknown("order_by", key.name());
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
