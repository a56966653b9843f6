package dev.perennial.worker.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.features.Arrival;
import dev.perennial.features.FeatureEngine;
import dev.perennial.features.SourceRow;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.Features;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.Source;
import dev.perennial.lifecycle.file.Source.KnownAt;
import dev.perennial.worker.StepHandler.StepInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SkewStepTest {
    private static final long FROM = ValidateStepTest.local("2013-05-06");
    private static final long TO = ValidateStepTest.local("2013-05-13");

    @TempDir
    Path temporary;

    @Test
    void whatTheOperatorsServedInAWeekEqualsWhatSqlComputes() throws IOException {
        Map<String, JsonNode> values =
                skew(FlightDelay.file(), serve(FlightDelay.file(), UnaryOperator.identity()), null);

        assertThat(values.get("rows").asLong()).isBetween(1500L, 1800L);
        assertThat(values.get("unmatched").asLong()).isZero();
        assertThat(values.get("days").size()).isBetween(7, 8);
        values.get("days").forEach(day -> {
            assertThat(day.get("columns").size()).isEqualTo(21);
            day.get("columns")
                    .properties()
                    .forEach(column -> assertThat(
                                    column.getValue().get("differing").asLong())
                            .as(column.toString())
                            .isZero());
        });
    }

    @Test
    void aColumnThatIsServedInOtherUnitsDiffersInEveryRow() throws IOException {
        Map<String, JsonNode> values = skew(
                FlightDelay.file(),
                serve(FlightDelay.file(), features -> {
                    features.computeIfPresent("temp_f", (name, value) -> ((Double) value - 32) / 1.8);
                    return features;
                }),
                null);

        JsonNode day = values.get("days").get(2).get("columns");
        assertThat(day.get("temp_f").get("differing").asLong()).isGreaterThan(150);
        assertThat(day.get("temp_f").get("examples")).hasSize(3);
        assertThat(day.get("dewpoint_f").get("differing").asLong()).isZero();
    }

    @Test
    void aFalselyDeclaredKnownTimeIsBelievedBySqlAndNotByTheOperators() throws IOException {
        Source lying = FlightDelay.knownAt(
                FlightDelay.flights(FlightDelay.DATA.resolve("flights.parquet")),
                "dep_delay_min",
                new KnownAt("event_time", null, -FlightDelay.hours(24)));
        Features honest = FlightDelay.features();
        List<String> columns = new ArrayList<>(honest.columns());
        columns.add("dep_delay_min");
        LifecycleFile candidate = FlightDelay.with(
                Map.of("flights", lying, "weather", FlightDelay.weather(FlightDelay.DATA.resolve("weather.parquet"))),
                new Features(columns, honest.sums(), honest.latest(), honest.windows()));

        Map<String, JsonNode> values =
                skew(candidate, serve(candidate, UnaryOperator.identity()), candidate.featureNames());

        JsonNode day = values.get("days").get(2).get("columns");
        assertThat(day.get("dep_delay_min").get("differing").asLong()).isGreaterThan(150);
        assertThat(day.get("dep_delay_min").get("examples").get(0).asText()).contains("served missing");
        assertThat(day.get("origin_late_7d").get("differing").asLong()).isZero();
    }

    @Test
    void aColumnIsComparedInTheRowsOfVersionsThatHaveIt() throws IOException {
        int[] rows = new int[1];
        Path logged = serve(FlightDelay.file(), features -> {
            if (rows[0]++ % 2 == 0) {
                features.remove("temp_f");
            }
            return features;
        });
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(logged)) {
            ObjectNode row = (ObjectNode) Json.parse(line);
            lines.add(Json.write(row.put("version", row.path("features").has("temp_f") ? "new/2" : "new/1")));
        }
        Files.write(logged, lines);
        ObjectNode columns = Json.object();
        columns.putArray("new/1").add("dewpoint_f");
        columns.putArray("new/2").add("dewpoint_f").add("temp_f");

        JsonNode day = skewOf(columns, logged).get("days").get(2).get("columns");
        assertThat(day.properties()).hasSize(2);
        assertThat(day.at("/temp_f/differing").asLong()).isZero();
        assertThat(day.at("/temp_f/rows").asLong())
                .isBetween(
                        day.at("/dewpoint_f/rows").asLong() / 2 - 1,
                        day.at("/dewpoint_f/rows").asLong() / 2 + 1);

        columns.withArray("/new~11").add("temp_f");
        JsonNode missing = skewOf(columns, logged).get("days").get(2).get("columns");
        assertThat(missing.at("/temp_f/rows")).isEqualTo(missing.at("/dewpoint_f/rows"));
        assertThat(missing.at("/temp_f/differing").asLong()).isGreaterThan(50);
    }

    @Test
    void aRowThatTheSourcesDoNotHaveIsUnmatched() throws IOException {
        Path logged = temporary.resolve("logged.jsonl");
        Files.writeString(logged, "{\"id\":\"nobody's\",\"eventTime\":" + FROM + ",\"features\":{\"temp_f\":1}}\n");

        Map<String, JsonNode> values = skew(FlightDelay.file(), logged, null);

        assertThat(values.get("unmatched").asLong()).isEqualTo(1);
        assertThat(values.get("days")).isEmpty();
    }

    /** Serves a week: arrivals follow the honest declarations, the engine computes the features of the given file. */
    private Path serve(LifecycleFile candidate, UnaryOperator<Map<String, Object>> change) throws IOException {
        List<String> lines = new ArrayList<>();
        FeatureEngine engine = new FeatureEngine(candidate);
        try (SourceFeeder feeder = SourceFeeder.open(
                DuckDb.Settings.in(temporary.resolve("feed")),
                FlightDelay.file(),
                List.of(candidate),
                FROM,
                TO,
                false)) {
            feeder.forEachRemaining(arrival -> {
                engine.arrive(arrival);
                if (arrival instanceof Arrival.PredictionDue due) {
                    SourceRow row = due.row();
                    ObjectNode line = Json.object().put("id", due.id()).put("eventTime", due.eventTime());
                    line.set("features", Json.tree(change.apply(engine.featureMapAt(row, due.time()))));
                    lines.add(Json.write(line));
                }
            });
        }
        return Files.write(temporary.resolve("logged.jsonl"), lines);
    }

    private Map<String, JsonNode> skewOf(JsonNode columns, Path logged) throws IOException {
        ObjectNode parameters = Json.object();
        parameters.set("columns", columns);
        return run(FlightDelay.file(), logged, parameters);
    }

    private Map<String, JsonNode> skew(LifecycleFile file, Path logged, List<String> columns) throws IOException {
        ObjectNode parameters = Json.object();
        if (columns != null) {
            parameters.set("columns", Json.tree(columns));
        }
        return run(file, logged, parameters);
    }

    private Map<String, JsonNode> run(LifecycleFile file, Path logged, ObjectNode parameters) throws IOException {
        parameters.set("lifecycle", Json.tree(file));
        Path staging = Files.createTempDirectory(temporary, "skew");
        return new SkewStep()
                .run(new StepInput(parameters, Map.of("logged", logged), staging, (share, line) -> {}))
                .values();
    }
}
