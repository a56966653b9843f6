package dev.perennial.worker.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.data.Profile;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.worker.StepHandler.StepInput;
import dev.perennial.worker.StepHandler.StepOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotStepTest {
    /** 06:00 in New York. */
    private static final long APRIL = Instant.parse("2013-04-01T10:00:00Z").toEpochMilli();

    private static final long NEXT_WEEK = Instant.parse("2013-04-08T10:00:00Z").toEpochMilli();

    @TempDir
    Path temporary;

    @Test
    void theSameParametersGiveTheSameBytes() throws IOException {
        Taken first = take("first", FlightDelay.file(), APRIL, null);
        Taken second = take("second", FlightDelay.file(), APRIL, null);

        assertThat(first.output.values()).isEqualTo(second.output.values());
        assertThat(first.digests()).isEqualTo(second.digests());
        assertThat(first.value("manifest").asText()).isEqualTo(first.digests().get("manifest.json"));
    }

    @Test
    void theFirstQuarterHasItsRowsLabelsAndDays() throws IOException {
        Taken quarter = take("quarter", FlightDelay.file(), APRIL, null);

        assertThat(quarter.value("rows").asLong()).isBetween(19_800L, 20_600L);
        assertThat(quarter.value("days")).hasSize(91);
        assertThat(coverage(quarter, "2013-02-09")).isLessThan(0.6);
        assertThat(coverage(quarter, "2013-03-20")).isGreaterThan(0.9);
        // the outcomes of the last day are published at 06:00 of the clock's day
        assertThat(coverage(quarter, "2013-03-31")).isGreaterThan(0.9);
        assertThat(quarter.value("features")).hasSize(21);
        assertThat(quarter.value("features").get(0))
                .isEqualTo(Json.parse("{\"name\":\"carrier\",\"type\":\"category\"}"));
    }

    @Test
    void finishedWeeksAreTakenOverAndOthersMadeAnew() throws IOException {
        Taken april = take("april", FlightDelay.file(), APRIL, null);
        Taken later = take("later", FlightDelay.file(), NEXT_WEEK, april);
        Taken fresh = take("fresh", FlightDelay.file(), NEXT_WEEK, null);

        assertThat(later.value("newParts")).hasSizeLessThanOrEqualTo(3);
        assertThat(fresh.value("newParts").size()).isGreaterThan(13);
        assertThat(later.digests()).isEqualTo(fresh.digests());
        assertThat(later.value("manifest")).isEqualTo(fresh.value("manifest"));
    }

    @Test
    void aPartWithOtherBytesIsMadeAnew() throws IOException {
        Taken april = take("april", FlightDelay.file(), APRIL, null);
        Path part = april.staging.resolve("part-2013-W03.parquet");
        Files.write(part, new byte[] {1}, java.nio.file.StandardOpenOption.APPEND);
        Taken again = take("again", FlightDelay.file(), APRIL, april);

        assertThat(again.value("newParts").toString()).contains("part-2013-W03.parquet");
        assertThat(again.value("manifest")).isEqualTo(april.value("manifest"));
    }

    @Test
    void theProfileCountsEveryRowOfEveryColumn() throws IOException {
        Taken quarter = take("quarter", FlightDelay.file(), APRIL, null);
        Profile profile =
                Json.convert(Json.parse(Files.readString(quarter.staging.resolve("profile.json"))), Profile.class);

        assertThat(profile.columns()).hasSize(21);
        profile.columns().forEach((name, column) -> {
            assertThat(column.rows()).as(name).isEqualTo(quarter.value("rows").asLong());
            long counted = column.counts() == null
                    ? column.values().values().stream()
                                    .mapToLong(Long::longValue)
                                    .sum()
                            + column.otherValues()
                    : column.counts().stream().mapToLong(Long::longValue).sum();
            assertThat(counted + column.missing()).as(name).isEqualTo(column.rows());
        });
        assertThat(profile.columns().get("origin").values()).containsOnlyKeys("EWR", "JFK", "LGA");
        assertThat(profile.columns().get("temp_f").edges()).hasSizeBetween(64, 512);
        assertThat(profile.columns().get("wind_speed_mph").max()).isLessThan(43);
    }

    private static double coverage(Taken snapshot, String day) {
        for (JsonNode node : snapshot.value("days")) {
            if (node.get("day").asText().equals(day)) {
                return node.get("coverage").asDouble();
            }
        }
        throw new AssertionError("no day " + day);
    }

    private Taken take(String name, LifecycleFile file, long asOf, Taken earlier) throws IOException {
        Path staging = Files.createDirectories(temporary.resolve(name));
        ObjectNode parameters = Json.object().put("asOf", asOf);
        parameters.set("lifecycle", Json.tree(file));
        Map<String, Path> inputs = new HashMap<>();
        if (earlier != null) {
            parameters.set("parts", earlier.value("parts"));
            earlier.output.files().forEach((part, path) -> inputs.put("reused/" + part, earlier.staging.resolve(path)));
        }
        StepOutput output = new SnapshotStep().run(new StepInput(parameters, inputs, staging, (share, line) -> {}));
        return new Taken(staging, output);
    }

    private record Taken(Path staging, StepOutput output) {
        JsonNode value(String name) {
            return output.values().get(name);
        }

        Map<String, String> digests() {
            Map<String, String> digests = new HashMap<>();
            output.files()
                    .forEach((name, path) -> digests.put(
                            name, Digest.ofFile(staging.resolve(path)).hex()));
            assertThat(List.of(staging.toFile().list()))
                    .containsExactlyInAnyOrderElementsOf(output.files().keySet());
            return digests;
        }
    }
}
