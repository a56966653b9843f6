package dev.perennial.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.Features;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.Source;
import dev.perennial.lifecycle.file.Source.Csv;
import dev.perennial.lifecycle.file.Source.CsvColumn;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepFailure.Kind;
import dev.perennial.worker.StepHandler;
import dev.perennial.worker.StepHandler.StepInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BadInputTest {
    private static final long FROM = ValidateStepTest.local("2013-05-06");
    private static final long TO = ValidateStepTest.local("2013-05-08");

    @TempDir
    Path temporary;

    private Path staging;

    @BeforeEach
    void makeStaging() throws IOException {
        staging = Files.createDirectories(temporary.resolve("staging"));
    }

    @Test
    void aMissingFileIsNamedWithItsSource() {
        assertConfig(
                new SnapshotStep(),
                weatherAt(temporary.resolve("gone.parquet")),
                "source 'weather'",
                "gone.parquet",
                "does not exist");
    }

    @Test
    void anEmptyFileIsTheDataOwnersFault() throws IOException {
        Path empty = Files.createFile(temporary.resolve("empty.parquet"));

        assertFails(Kind.USER, new SnapshotStep(), weatherAt(empty), "source 'weather'", "empty.parquet", "is empty");
    }

    @Test
    void aFileThatIsNoParquetIsTheDataOwnersFault() throws IOException {
        Path text = Files.writeString(temporary.resolve("text.parquet"), "origin,temp_f\nEWR,1\n");

        assertFails(
                Kind.USER,
                new ValidateStep(),
                weatherAt(text),
                "source 'weather'",
                "text.parquet",
                "not readable as Parquet");
    }

    @Test
    void aColumnThatTheFileLacksIsNamed() {
        Features features = FlightDelay.features();
        List<String> columns = new ArrayList<>(features.columns());
        columns.add("gate");
        LifecycleFile file = FlightDelay.with(
                FlightDelay.file().sources(),
                new Features(columns, features.sums(), features.latest(), features.windows()));

        assertConfig(new SnapshotStep(), file, "column 'gate'", "flights.parquet");
    }

    @Test
    void aColumnOfTheWrongTypeIsNamed() {
        Features features = FlightDelay.features();
        Features.Window window = features.windows().getFirst();
        Features.Window text = new Features.Window(
                "share", window.aggregate(), "status", "flights", "origin", window.days(), null, null, null, 1);
        LifecycleFile file = FlightDelay.with(
                FlightDelay.file().sources(), new Features(List.of(), List.of(), List.of(), List.of(text)));

        assertConfig(new SnapshotStep(), file, "column 'status'", "needs a number", "VARCHAR");
    }

    @Test
    void aColumnWithoutAKnownTimeIsRefused() {
        Features features = FlightDelay.features();
        LifecycleFile file = FlightDelay.with(
                FlightDelay.file().sources(),
                new Features(List.of("air_time_min"), features.sums(), features.latest(), features.windows()));

        assertConfig(new SnapshotStep(), file, "'air_time_min'", "known-at");
    }

    @Test
    void aContractOnAColumnThatIsNotThereIsRefused() {
        LifecycleFile file = FlightDelay.with(
                FlightDelay.file().sources(),
                FlightDelay.features(),
                List.of(new dev.perennial.lifecycle.file.ContractRule(
                        "weather",
                        "fog",
                        null,
                        null,
                        null,
                        null,
                        true,
                        null,
                        null,
                        false,
                        false,
                        null,
                        null,
                        dev.perennial.lifecycle.file.ContractRule.OnBreach.warn)));

        assertConfig(new ValidateStep(), file, "contract weather.fog", "'fog'", "weather.parquet");
    }

    @Test
    void missingParametersAreNamed() {
        assertThatThrownBy(() ->
                        new SnapshotStep().run(new StepInput(Json.object(), Map.of(), staging, (share, line) -> {})))
                .hasMessageContaining("'lifecycle'");
        ObjectNode parameters = Json.object().put("asOf", "today");
        parameters.set("lifecycle", Json.tree(FlightDelay.file()));
        assertThatThrownBy(
                        () -> new SnapshotStep().run(new StepInput(parameters, Map.of(), staging, (share, line) -> {})))
                .hasMessageContaining("'asOf'")
                .hasMessageContaining("epoch milliseconds");
    }

    @Test
    void csvWithExplicitOptionsGivesTheFeaturesOfTheSameParquet() throws IOException {
        Path file = temporary.resolve("it's \"weather\".csv");
        export(file);
        FeatureQuery.Rows rows = new FeatureQuery.Rows(FROM, TO, false, true, null, null);

        Map<String, Object[]> fromCsv = FeatureRows.bySql(csv(file, "temp_f"), temporary.resolve("a"), rows);
        Map<String, Object[]> fromParquet = FeatureRows.bySql(FlightDelay.file(), temporary.resolve("b"), rows);

        assertThat(fromCsv).hasSizeGreaterThan(1500);
        fromParquet.forEach((flight, features) -> TwoEnginesTest.assertSame(flight, features, fromCsv.get(flight)));
    }

    @Test
    void aCsvHeaderThatDiffersFromTheDeclarationIsTold() throws IOException {
        Path file = temporary.resolve("weather.csv");
        export(file);

        assertFails(
                Kind.USER, new ValidateStep(), csv(file, "temperature"), "the header of file", "temp_f", "temperature");
    }

    @Test
    void aCsvValueOfTheWrongTypeIsToldWithItsLine() throws IOException {
        Path file = temporary.resolve("weather.csv");
        export(file);
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        lines.set(41, lines.get(41).replaceFirst("^(([^;]*;){4})[^;]*;", "$1warm;"));
        Files.write(file, lines);

        assertFails(Kind.USER, new ValidateStep(), csv(file, "temp_f"), "42", "weather.csv", "warm");
    }

    @Test
    void nothingButTheSourcesCanBeRead() throws IOException {
        Path secret = Files.writeString(temporary.resolve("secret.csv"), "a\n1\n");
        LifecycleFile file = FlightDelay.file();
        try (DuckDb db =
                DuckDb.open(DuckDb.Settings.in(temporary.resolve("t")), SourceTable.realFiles(file), List.of())) {
            for (String sql : List.of(
                    "SELECT * FROM read_csv(" + Sql.text(secret.toString()) + ")",
                    "COPY (SELECT 1) TO "
                            + Sql.text(temporary.resolve("out.csv").toString()),
                    "SET enable_external_access = true",
                    "SET memory_limit = '10GB'",
                    "INSTALL httpfs")) {
                assertThatThrownBy(() -> db.execute(sql))
                        .as(sql)
                        .hasMessageMatching("(?s).*(Permission Error|has been locked|IO Error|DuckDB refused).*");
            }
        }
        assertThat(temporary.resolve("out.csv")).doesNotExist();
    }

    private void export(Path target) {
        try (DuckDb db = DuckDb.open(
                DuckDb.Settings.in(temporary.resolve("x")),
                SourceTable.realFiles(FlightDelay.file()),
                List.of(temporary))) {
            db.execute(
                    "COPY (SELECT origin, hour_utc, observed_at, available_at, temp_f, dewpoint_f, humidity_pct, wind_dir_deg, wind_speed_mph, "
                            + "wind_gust_mph, precip_in, pressure_mb, visibility_mi FROM "
                            + Sql.text(
                                    FlightDelay.DATA.resolve("weather.parquet").toString())
                            + ") TO " + Sql.text(target.toString())
                            + " (FORMAT csv, HEADER, DELIMITER ';', NULLSTR 'NA')");
        }
    }

    private static LifecycleFile csv(Path file, String temperature) {
        List<CsvColumn> columns = new ArrayList<>(List.of(new CsvColumn("origin", "string")));
        List.of("hour_utc", "observed_at", "available_at")
                .forEach(name -> columns.add(new CsvColumn(name, "timestamp")));
        List.of(
                        temperature,
                        "dewpoint_f",
                        "humidity_pct",
                        "wind_dir_deg",
                        "wind_speed_mph",
                        "wind_gust_mph",
                        "precip_in",
                        "pressure_mb",
                        "visibility_mi")
                .forEach(name -> columns.add(new CsvColumn(name, "number")));
        Source parquet = FlightDelay.weather(file);
        Source weather = new Source(
                parquet.path(),
                new Csv(";", "NA", columns),
                parquet.key(),
                parquet.eventTime(),
                null,
                List.of(),
                parquet.knownAt());
        return FlightDelay.with(
                Map.of("flights", FlightDelay.file().source("flights"), "weather", weather), FlightDelay.features());
    }

    private static LifecycleFile weatherAt(Path path) {
        return FlightDelay.with(
                Map.of("flights", FlightDelay.file().source("flights"), "weather", FlightDelay.weather(path)),
                FlightDelay.features());
    }

    private void assertConfig(StepHandler step, LifecycleFile file, String... parts) {
        assertFails(Kind.CONFIG, step, file, parts);
    }

    private void assertFails(Kind kind, StepHandler step, LifecycleFile file, String... parts) {
        ObjectNode parameters = Json.object().put("asOf", TO).put("from", FROM);
        parameters.set("lifecycle", Json.tree(file));
        assertThatThrownBy(() -> step.run(new StepInput(parameters, Map.of(), staging, (share, line) -> {})))
                .isInstanceOf(StepFailure.class)
                .hasMessageContainingAll(parts)
                .satisfies(failure -> assertThat(((StepFailure) failure).kind()).isEqualTo(kind));
    }
}
