package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.predictionlog.PredictionRecord;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of docs/serving-mlflow.md that says what each route does with odd values, found by asking a real scorer. */
class RouteTableIT {
    private static final String MARK = "<!-- routes and conditions -->";

    @TempDir
    Path folder;

    /**
     * One row of the table.
     *
     * @param members of a record, as JSON members without braces
     * @param tensors the same as tensors of /v2; empty when tensors have no word for it
     */
    private record Condition(String what, String members, String tensors) {}

    private static final List<Condition> CONDITIONS = List.of(
            new Condition("all as it should be", "\"x\":1.5,\"c\":\"a\"", fp("1.5") + text("\"a\"")),
            new Condition(
                    "an extra column",
                    "\"x\":1.5,\"c\":\"a\",\"extra\":1",
                    fp("1.5") + text("\"a\"") + tensor("extra", "FP64", "1")),
            new Condition("a missing column", "\"c\":\"a\"", text("\"a\"")),
            new Condition("null for a number", "\"x\":null,\"c\":\"a\"", fp("null") + text("\"a\"")),
            new Condition("null for a text", "\"x\":1.5,\"c\":null", fp("1.5") + text("null")),
            new Condition("an integer for a double", "\"x\":2,\"c\":\"a\"", tensor("x", "INT64", "2") + text("\"a\"")),
            new Condition(
                    "an integer beyond 2^53 for a double",
                    "\"x\":9007199254740993,\"c\":\"a\"",
                    tensor("x", "INT64", "9007199254740993") + text("\"a\"")),
            new Condition("true for a double", "\"x\":true,\"c\":\"a\"", tensor("x", "BOOL", "true") + text("\"a\"")),
            new Condition(
                    "a text for a double",
                    "\"x\":\"1.5\",\"c\":\"a\"",
                    tensor("x", "BYTES", "\"1.5\"") + text("\"a\"")),
            new Condition("a number too large for a double", "\"x\":1e400,\"c\":\"a\"", fp("1e400") + text("\"a\"")),
            new Condition("the word NaN for a double", "\"x\":NaN,\"c\":\"a\"", fp("NaN") + text("\"a\"")),
            new Condition("an integer for a text", "\"x\":1.5,\"c\":2", fp("1.5") + tensor("c", "INT64", "2")),
            new Condition("a list for a text", "\"x\":1.5,\"c\":[\"a\"]", ""),
            new Condition(
                    "a date as epoch for a text",
                    "\"x\":1.5,\"c\":1364800000000",
                    fp("1.5") + tensor("c", "INT64", "1364800000000")),
            new Condition(
                    "an event time as epoch",
                    "\"x\":1.5,\"c\":\"a\",\"event_time\":1364800000000",
                    fp("1.5") + text("\"a\"") + tensor("event_time", "INT64", "1364800000000")),
            new Condition(
                    "an event time as ISO text",
                    "\"x\":1.5,\"c\":\"a\",\"event_time\":\"2013-04-01T07:06:40Z\"",
                    fp("1.5") + text("\"a\"") + tensor("event_time", "BYTES", "\"2013-04-01T07:06:40Z\"")),
            new Condition(
                    "an event time without zone",
                    "\"x\":1.5,\"c\":\"a\",\"event_time\":\"2013-04-01T07:06:40\"",
                    fp("1.5") + text("\"a\"") + tensor("event_time", "BYTES", "\"2013-04-01T07:06:40\"")),
            new Condition(
                    "an integral float for a whole-number key",
                    "\"x\":1.5,\"c\":\"a\",\"id\":7.0",
                    fp("1.5") + text("\"a\"") + tensor("id", "FP64", "7.0")),
            new Condition(
                    "a fraction for a key",
                    "\"x\":1.5,\"c\":\"a\",\"id\":7.5",
                    fp("1.5") + text("\"a\"") + tensor("id", "FP64", "7.5")),
            new Condition("a column twice", "\"x\":1.5,\"x\":2.5,\"c\":\"a\"", fp("1.5") + fp("2.5") + text("\"a\"")));

    private static String fp(String value) {
        return tensor("x", "FP64", value);
    }

    private static String text(String value) {
        return tensor("c", "BYTES", value);
    }

    private static String tensor(String name, String type, String value) {
        return ",{\"name\":\"%s\",\"shape\":[1],\"datatype\":\"%s\",\"data\":[%s]}".formatted(name, type, value);
    }

    /** A route: how it is asked, and where its answer names the prediction. */
    private record Route(
            String path, Function<Condition, String> body, Function<HttpResponse<String>, String> prediction) {}

    private static Map<String, Route> routes() {
        Map<String, Route> routes = new LinkedHashMap<>();
        routes.put(
                "records",
                new Route(
                        "/endpoints/strict/predict",
                        condition -> "{\"records\":[{" + complete(condition.members()) + "}]}",
                        response -> Json.parse(response.body())
                                .at("/predictions/0/id")
                                .asText()));
        routes.put(
                "/v2",
                new Route(
                        "/v2/models/strict/infer",
                        condition -> condition.tensors().isEmpty()
                                ? ""
                                : "{\"outputs\":[{\"name\":\"prediction_id\"}],\"inputs\":["
                                        + condition.tensors().substring(1) + "]}",
                        response -> Json.parse(response.body())
                                .at("/outputs/0/data/0")
                                .asText()));
        for (String mode : List.of("strict", "loose")) {
            routes.put(
                    mode.equals("strict") ? "/invocations, strict" : "/invocations, mlflow",
                    new Route(
                            "/serving/" + mode + "/invocations",
                            condition -> "{\"dataframe_records\":[{" + condition.members() + "}]}",
                            response -> response.headers()
                                    .firstValue("X-Perennial-Prediction-Id")
                                    .orElseThrow()));
        }
        return routes;
    }

    private static int numbered;

    /** Records need a key and a time; each gets its own. */
    private static String complete(String members) {
        String keyed = members.contains("\"id\":") ? members : members + ",\"id\":\"r" + numbered++ + "\"";
        return keyed.contains("event_time") ? keyed : keyed + ",\"event_time\":5";
    }

    @Test
    void theDocsTellWhatEachRouteDoes() throws Exception {
        String found = String.join("\n", ask());
        Path docs = Path.of(System.getProperty("perennial.root"), "docs", "serving-mlflow.md");
        String[] parts = Files.readString(docs).split(MARK, -1);
        assertThat(parts).as("marks in " + docs).hasSize(3);
        assertThat(parts[1].strip()).as(found).isEqualTo(found);
    }

    private List<String> ask() throws Exception {
        Map<String, Route> routes = routes();
        List<String> lines = new ArrayList<>();
        lines.add("| what is sent | " + String.join(" | ", routes.keySet()) + " |");
        lines.add("|---|" + "---|".repeat(routes.size()));
        try (MlflowScorer scorer = new MlflowScorer(folder)) {
            for (Condition condition : CONDITIONS) {
                List<String> cells = new ArrayList<>();
                for (Route route : routes.values()) {
                    cells.add(cell(scorer, condition, route));
                }
                lines.add("| " + condition.what() + " | " + String.join(" | ", cells) + " |");
            }
        }
        return lines;
    }

    /** What the model got, as the prediction log tells, or the refusal. */
    private static String cell(MlflowScorer scorer, Condition condition, Route route) throws Exception {
        String body = route.body().apply(condition);
        if (body.isEmpty()) {
            return "-";
        }
        HttpResponse<String> response = scorer.json(route.path(), body);
        if (response.statusCode() != 200) {
            JsonNode error = Json.parse(response.body());
            assertThat(error.toString()).contains("error");
            return Integer.toString(response.statusCode());
        }
        PredictionRecord record = scorer.logged().get(route.prediction().apply(response));
        Map<String, Object> features = record.features().asMap();
        String got = List.of("x", "c").stream()
                .map(name -> name + " = " + features.get(name))
                .collect(Collectors.joining(", "));
        boolean timed = condition.members().contains("event_time");
        boolean keyed = condition.members().contains("\"id\":");
        return got
                + (timed ? ", event_time = " + java.time.Instant.ofEpochMilli(record.eventTime()) : "")
                + (keyed ? ", key = " + record.id() : "");
    }
}
