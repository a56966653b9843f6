package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The tables of MLflow's filter grammar over HTTP on both databases: for each name, in each spelling of its entity, each operator once
 * with a value that fits and once with one that does not.
 */
class FilterTableIT extends BothDatabases {
    private static final List<String> NO_ENTITY = List.of("");

    /** A filter, and whether it must find the one object that the values are taken from. */
    private record Clause(String filter, boolean found) {}

    /** All operators of a text; letters differ between the upper and the lower case of the value. */
    private static List<Clause> texts(List<String> entities, String name, String value) {
        String swapped = value.equals(value.toUpperCase(Locale.ROOT))
                ? value.toLowerCase(Locale.ROOT)
                : value.toUpperCase(Locale.ROOT);
        List<Clause> clauses = new ArrayList<>();
        for (String entity : entities) {
            String key = entity + name;
            both(clauses, key + " = '" + value + "'", key + " = '" + value + "-'");
            both(clauses, key + "!='x'", key + " != \"" + value + "\"");
            both(clauses, key + " LIKE '" + value.substring(0, value.length() - 1) + "%'", key + " LIKE 'x%'");
            both(clauses, key + " like '_" + value.substring(1) + "'", key + " LIKE '" + value + "_'");
            if (!swapped.equals(value)) {
                both(clauses, key + " ILIKE '" + swapped + "'", key + " LIKE '" + swapped + "'");
            }
            both(clauses, key + " ilike '%'", key + " ILIKE 'x" + value + "'");
        }
        return clauses;
    }

    private static List<Clause> lists(List<String> entities, String name, String value) {
        List<Clause> clauses = new ArrayList<>();
        for (String entity : entities) {
            String key = entity + name;
            both(clauses, key + " IN ('x', '" + value + "')", key + " IN ('x', 'y')");
            both(clauses, key + " not in ('x','y')", key + " NOT IN ('" + value + "')");
        }
        return clauses;
    }

    private static List<Clause> absence(List<String> entities, String name) {
        List<Clause> clauses = new ArrayList<>();
        for (String entity : entities) {
            both(clauses, entity + name + " IS NOT NULL", entity + name + " IS NULL");
            both(clauses, entity + "`not there` is null", entity + "`not there` != 'x'");
        }
        return clauses;
    }

    private static List<Clause> numbers(List<String> entities, String name, long value) {
        List<Clause> clauses = new ArrayList<>();
        for (String entity : entities) {
            String key = entity + name;
            both(clauses, key + " > " + (value - 1), key + " > " + value);
            both(clauses, key + ">=" + value, key + " >= " + (value + 1));
            both(clauses, key + " = " + value, key + " = " + (value + 1));
            both(clauses, key + " != " + (value + 1), key + " != " + value);
            both(clauses, key + " < " + (value + 1), key + "<" + value);
            both(clauses, key + " <= " + value, key + " <= " + (value - 1));
        }
        return clauses;
    }

    private static void both(List<Clause> clauses, String finds, String findsNot) {
        clauses.add(new Clause(finds, true));
        clauses.add(new Clause(findsNot, false));
    }

    /** How a filter is asked; true when the object is among what it finds. */
    private interface Search {
        boolean finds(String filter) throws IOException, InterruptedException;
    }

    private static void check(List<Clause> clauses, Search search) throws IOException, InterruptedException {
        List<String> wrong = new ArrayList<>();
        for (Clause clause : clauses) {
            if (search.finds(clause.filter()) != clause.found()) {
                wrong.add(clause.filter() + (clause.found() ? " finds nothing" : " finds it"));
            }
        }
        assertThat(wrong).as(clauses.size() + " filters").isEmpty();
    }

    private static List<Clause> all(List<List<Clause>> parts) {
        return parts.stream().flatMap(List::stream).toList();
    }

    private static boolean holds(JsonNode found, String pointer, String value) {
        for (JsonNode each : found) {
            if (each.at(pointer).asText().equals(value)) {
                return true;
            }
        }
        return false;
    }

    private static String query(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** A run with everything that filters speak of, beside another one that has little. */
    private static String fullRun(RunningServer at, String experiment) throws IOException, InterruptedException {
        run(at, experiment);
        JsonNode made = post(
                at,
                "runs/create",
                "{\"experiment_id\":\"" + experiment
                        + "\",\"run_name\":\"Night Run\",\"user_id\":\"Ann\",\"start_time\":5000}");
        String run = made.at("/run/info/run_id").asText();
        post(
                at,
                "runs/log-batch",
                "{\"run_id\":\"" + run + "\",\"metrics\":[{\"key\":\"a b\",\"value\":3,\"timestamp\":1},"
                        + "{\"key\":\"x.y\",\"value\":7,\"timestamp\":1}],\"params\":[{\"key\":\"kind\",\"value\":\"Tree\"},"
                        + "{\"key\":\"x.y-z\",\"value\":\"Deep\"}],\"tags\":[{\"key\":\"team\",\"value\":\"Blue\"}]}");
        post(
                at,
                "runs/log-inputs",
                "{\"run_id\":\"" + run + "\",\"datasets\":[{\"dataset\":{\"name\":\"Flights\",\"digest\":\"Abc12\","
                        + "\"source_type\":\"code\",\"source\":\"{}\"},\"tags\":[{\"key\":\"mlflow.data.context\","
                        + "\"value\":\"Train\"}]}]}");
        post(at, "runs/update", "{\"run_id\":\"" + run + "\",\"status\":\"FINISHED\",\"end_time\":9000}");
        return run;
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void runs(RunningServer at) throws IOException, InterruptedException {
        String experiment = experiment(at, "filtered runs");
        String run = fullRun(at, experiment);
        List<String> metrics = List.of("metric.", "metrics.");
        List<String> params = List.of("param.", "params.", "parameter.", "parameters.");
        List<String> tags = List.of("tag.", "tags.");
        List<String> attributes = List.of("attribute.", "attributes.", "attr.", "run.", "");
        List<String> datasets = List.of("dataset.", "datasets.");
        List<List<Clause>> table = new ArrayList<>(List.of(
                numbers(metrics, "`a b`", 3),
                numbers(metrics, "\"a b\"", 3),
                numbers(metrics, "x.y", 7),
                texts(params, "kind", "Tree"),
                texts(params, "`x.y-z`", "Deep"),
                absence(params, "kind"),
                texts(tags, "team", "Blue"),
                absence(tags, "team"),
                texts(attributes, "run_id", run),
                lists(attributes, "run_id", run),
                texts(attributes, "status", "FINISHED"),
                texts(attributes, "user_id", "Ann"),
                texts(attributes, "artifact_uri", "mlflow-artifacts:/" + experiment + "/" + run + "/artifacts")));
        for (String name : List.of("run_name", "`run name`", "`Run name`", "`Run Name`")) {
            table.add(texts(attributes, name, "Night Run"));
        }
        for (String name : List.of("start_time", "created", "Created")) {
            table.add(numbers(attributes, name, 5_000));
        }
        table.add(numbers(attributes, "end_time", 9_000));
        for (var field : List.of(List.of("name", "Flights"), List.of("digest", "Abc12"), List.of("context", "Train"))) {
            table.add(texts(datasets, field.getFirst(), field.getLast()));
            table.add(lists(datasets, field.getFirst(), field.getLast()));
        }
        check(all(table), filter -> {
            ObjectNode asked = Json.object().put("filter", filter);
            asked.putArray("experiment_ids").add(experiment);
            return holds(post(at, "runs/search", asked.toString()).path("runs"), "/info/run_id", run);
        });
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void experiments(RunningServer at) throws IOException, InterruptedException {
        experiment(at, "another");
        String id = experiment(at, "Weather Models");
        post(at, "experiments/set-experiment-tag", body("experiment_id", id, "key", "team", "value", "Blue"));
        JsonNode made = get(at, "experiments/get?experiment_id=" + id).path("experiment");
        List<String> attributes = List.of("attribute.", "attributes.", "");
        List<String> tags = List.of("tag.", "tags.");
        check(
                all(List.of(
                        texts(attributes, "name", "Weather Models"),
                        numbers(
                                attributes,
                                "creation_time",
                                made.path("creation_time").asLong()),
                        numbers(
                                attributes,
                                "last_update_time",
                                made.path("last_update_time").asLong()),
                        texts(tags, "team", "Blue"),
                        absence(tags, "team"))),
                filter -> holds(
                        get(at, "experiments/search?filter=" + query(filter)).path("experiments"),
                        "/experiment_id",
                        id));
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void registeredModels(RunningServer at) throws IOException, InterruptedException {
        post(at, "registered-models/create", body("name", "another model"));
        post(at, "registered-models/create", body("name", "Weather"));
        post(at, "registered-models/set-tag", body("name", "Weather", "key", "the team", "value", "Blue"));
        check(
                all(List.of(
                        texts(List.of("attribute.", "attributes.", ""), "name", "Weather"),
                        texts(List.of("tag.", "tags."), "`the team`", "Blue"))),
                filter -> holds(
                        get(at, "registered-models/search?filter=" + query(filter))
                                .path("registered_models"),
                        "/name",
                        "Weather"));
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void versions(RunningServer at) throws IOException, InterruptedException {
        post(at, "registered-models/create", body("name", "Delays"));
        String run = run(at, "0");
        post(at, "model-versions/create", body("name", "Delays", "source", "s3://Bucket/x"));
        post(at, "model-versions/create", body("name", "Delays", "source", "s3://Bucket/Model", "run_id", run));
        post(at, "model-versions/set-tag", body("name", "Delays", "version", "2", "key", "team", "value", "Blue"));
        List<String> attributes = List.of("attribute.", "attributes.", "");
        check(
                all(List.of(
                        texts(attributes, "name", "Delays"),
                        texts(attributes, "source_path", "s3://Bucket/Model"),
                        texts(attributes, "run_id", run),
                        lists(attributes, "run_id", run),
                        numbers(attributes, "version_number", 2),
                        texts(List.of("tag.", "tags."), "team", "Blue"))),
                filter -> holds(
                        get(at, "model-versions/search?filter=" + query(filter)).path("model_versions"),
                        "/version",
                        "2"));
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void loggedModels(RunningServer at) throws IOException, InterruptedException {
        String experiment = experiment(at, "filtered models");
        String run = run(at, experiment);
        post(at, "logged-models", body("experiment_id", experiment, "name", "another"));
        ObjectNode asked = Json.object()
                .put("experiment_id", experiment)
                .put("name", "Forest")
                .put("model_type", "Kind")
                .put("source_run_id", run);
        asked.putArray("params").addObject().put("key", "n-1").put("value", "Ten");
        asked.putArray("tags").addObject().put("key", "team").put("value", "Blue");
        JsonNode made = post(at, "logged-models", asked.toString()).at("/model/info");
        String id = made.path("model_id").asText();
        post(
                at,
                "runs/log-metric",
                "{\"run_id\":\"" + run + "\",\"key\":\"acc\",\"value\":4,\"timestamp\":1,\"model_id\":\"" + id + "\"}");
        List<String> attributes = List.of("attributes.", "");
        List<List<Clause>> table = new ArrayList<>(List.of(
                texts(List.of("params."), "`n-1`", "Ten"),
                texts(List.of("tags."), "team", "Blue"),
                numbers(List.of("metrics."), "acc", 4)));
        for (var field : List.of(
                List.of("name", "Forest"),
                List.of("model_id", id),
                List.of("model_type", "Kind"),
                List.of("status", "PENDING"),
                List.of("source_run_id", run))) {
            table.add(texts(attributes, field.getFirst(), field.getLast()));
            table.add(lists(attributes, field.getFirst(), field.getLast()));
        }
        for (String name : List.of("creation_timestamp", "creation_time", "creation_timestamp_ms")) {
            table.add(
                    numbers(attributes, name, made.path("creation_timestamp_ms").asLong()));
        }
        for (String name : List.of("last_updated_timestamp", "last_updated_time")) {
            table.add(numbers(
                    attributes, name, made.path("last_updated_timestamp_ms").asLong()));
        }
        check(all(table), filter -> {
            ObjectNode search = Json.object().put("filter", filter);
            search.putArray("experiment_ids").add(experiment);
            return holds(post(at, "logged-models/search", search.toString()).path("models"), "/info/model_id", id);
        });
    }

    static Stream<Arguments> misfits() {
        return both().flatMap(at -> Stream.of(
                        "runs/search metrics.a = 'x'",
                        "runs/search metrics.a LIKE 'x'",
                        "runs/search params.a = 3",
                        "runs/search params.a > '3'",
                        "runs/search params.a = x",
                        "runs/search start_time = '1'",
                        "runs/search start_time LIKE '1'",
                        "runs/search run_id IN ()",
                        "runs/search run_id IN (1)",
                        "runs/search dataset.profile = 'x'",
                        "runs/search lifecycle_stage = 'active'",
                        "runs/search Metrics.a = 1",
                        "runs/search foo.bar = 'x'",
                        "runs/search status = 'A'; status = 'B'",
                        "experiments/search name > 'a'",
                        "experiments/search creation_time = 'a'",
                        "experiments/search experiment_id = '1'",
                        "experiments/search metrics.a = 1",
                        "registered-models/search name = 1",
                        "registered-models/search version_number = 1",
                        "model-versions/search version_number = '1'",
                        "model-versions/search version_number LIKE '1'",
                        "model-versions/search current_stage = 'None'",
                        "logged-models/search metric.a = 1",
                        "logged-models/search params.a = 1",
                        "logged-models/search creation_time = 'a'",
                        "logged-models/search user = 'a'")
                .map(line -> Arguments.of(at, line)));
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("misfits")
    void whatDoesNotFitATableIsRefused(RunningServer at, String line) throws IOException, InterruptedException {
        String call = line.substring(0, line.indexOf(' '));
        String filter = line.substring(call.length() + 1);
        ObjectNode asked = Json.object().put("filter", filter);
        asked.putArray("experiment_ids").add("0");
        boolean reads = call.startsWith("registered") || call.startsWith("model-versions");
        HttpResponse<String> answer =
                reads ? at.send("GET", API + call + "?filter=" + query(filter), "") : tried(at, call, asked.toString());
        refused(400, INVALID, answer);
    }
}
