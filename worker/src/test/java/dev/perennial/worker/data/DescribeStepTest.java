package dev.perennial.worker.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.Source;
import dev.perennial.lifecycle.file.Source.Csv;
import dev.perennial.lifecycle.file.Source.CsvColumn;
import dev.perennial.worker.StepHandler.StepInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescribeStepTest {
    private static final Csv CSV =
            new Csv(";", "NA", List.of(new CsvColumn("id", "string"), new CsvColumn("at", "timestamp")));

    @TempDir
    Path temporary;

    @Test
    void theColumnsOfAParquetFileAreTold() throws IOException {
        JsonNode weather = describe(FlightDelay.DATA.resolve("weather.parquet"), null);
        assertThat(weather.at("/columns/origin").asText()).isEqualTo("string");
        assertThat(weather.at("/columns/observed_at").asText()).isEqualTo("timestamp");
        assertThat(weather.at("/columns/temp_f").asText()).isEqualTo("number");
        assertThat(weather.has("failure")).isFalse();
    }

    @Test
    void aCsvFileHasTheColumnsThatItDeclaresWhenItsHeaderSaysTheSame() throws IOException {
        Path file = Files.writeString(temporary.resolve("a.csv"), "id;at\n1;2013-01-01 00:00:00\n");
        assertThat(describe(file, CSV)).isEqualTo(Json.parse("{\"columns\":{\"id\":\"string\",\"at\":\"timestamp\"}}"));
    }

    @Test
    void aCsvFileWithAnotherHeaderIsToldWithBoth() throws IOException {
        Path file = Files.writeString(temporary.resolve("a.csv"), "id,at\n");
        JsonNode told = describe(file, CSV);
        assertThat(told.path("failure").asText())
                .isEqualTo("the header of file " + file
                        + " reads [id,at], declared are the columns [id, at] with delimiter ';'");
        assertThat(told.path("advice").asText()).startsWith("make sources.it.csv say what the file holds");
    }

    @Test
    void aFileThatIsNotThereIsNamed() throws IOException {
        JsonNode told = describe(temporary.resolve("gone.parquet"), null);
        assertThat(told.path("failure").asText()).isEqualTo("there is no file " + temporary.resolve("gone.parquet"));
        assertThat(told.path("advice").asText()).isEqualTo("correct sources.it.path, or put the file there");
    }

    @Test
    void aFolderIsNoFile() throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("folder.parquet"));
        assertThat(describe(folder, null).path("failure").asText()).isEqualTo(folder + " is no file");
    }

    @Test
    void anEmptyFileIsTold() throws IOException {
        Path empty = Files.createFile(temporary.resolve("empty.parquet"));
        assertThat(describe(empty, null).path("failure").asText()).isEqualTo("file " + empty + " is empty (0 bytes)");
    }

    @Test
    void aFileOfAnotherKindIsToldAndTheOtherSourcesAreLookedAt() throws IOException {
        Path text = Files.writeString(temporary.resolve("text.parquet"), "origin,temp_f\n");
        ObjectNode sources = Json.object();
        sources.set("bad", Json.tree(source(text, null)));
        sources.set("good", Json.tree(source(FlightDelay.DATA.resolve("weather.parquet"), null)));
        JsonNode told = run(sources);
        assertThat(told.at("/bad/failure").asText()).startsWith("file " + text + " is not readable as Parquet: ");
        assertThat(told.at("/bad/failure").asText()).doesNotContain("\n");
        assertThat(told.at("/good/columns/origin").asText()).isEqualTo("string");
    }

    @Test
    void aColumnThatCannotBeUsedIsOther() throws IOException {
        Path file = temporary.toRealPath().resolve("lists.parquet");
        try (DuckDb db = DuckDb.open(
                DuckDb.Settings.in(temporary.resolve("make")), List.of(), List.of(temporary.toRealPath()))) {
            db.execute("COPY (SELECT [1, 2] AS many, DATE '2013-01-01' AS day, 1::DECIMAL(9, 2) AS price) TO "
                    + Sql.text(file.toString()) + " (FORMAT parquet)");
        }
        assertThat(describe(file, null).path("columns"))
                .isEqualTo(Json.parse("{\"many\":\"other\",\"day\":\"date\",\"price\":\"number\"}"));
    }

    private JsonNode describe(Path file, Csv csv) throws IOException {
        return run(Json.object().set("it", Json.tree(source(file, csv)))).path("it");
    }

    private JsonNode run(JsonNode sources) throws IOException {
        Path staging = Files.createTempDirectory(temporary, "staging");
        JsonNode parameters = Json.object().set("sources", sources);
        JsonNode told = new DescribeStep()
                .run(new StepInput(parameters, Map.of(), staging, (share, line) -> {}))
                .values()
                .get("sources");
        try (var left = Files.list(staging)) {
            assertThat(left).isEmpty();
        }
        return told;
    }

    private static Source source(Path file, Csv csv) {
        return new Source(file.toString(), csv, List.of("id"), "at", null, List.of(), Map.of());
    }
}
