package dev.perennial.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.data.ValidationReport.Constraint;
import dev.perennial.data.ValidationReport.Example;
import dev.perennial.data.ValidationReport.ExcludedDay;
import dev.perennial.data.ValidationReport.Quarantined;
import dev.perennial.data.ValidationReport.Status;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.ContractRule.OnBreach;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is stored of data comes back as it was, and the name of a snapshot follows its content alone. */
class DataRecordsTest {
    private static SnapshotManifest manifest(Map<String, String> sources, long rows) {
        return new SnapshotManifest(
                SnapshotManifest.FORMAT,
                "flight-delay",
                1_700_000_000_000L,
                "recipe",
                sources,
                List.of("flight_id"),
                List.of(new SnapshotManifest.Column("flight_id", "text"), new SnapshotManifest.Column("late", "label")),
                List.of(new SnapshotManifest.Part("2013-W01", "2013-W01.parquet", "blob", 10, rows, 5, true, "r")),
                List.of(new SnapshotManifest.Day("2013-01-01", rows, 1), new SnapshotManifest.Day("2013-01-02", 0, 0)),
                "profile");
    }

    @Test
    void aManifestComesBackFromItsBytesUnderTheSameName() {
        SnapshotManifest manifest = manifest(Map.of("flights", "d1", "weather", "d2"), 4);
        SnapshotManifest read = Json.read(new String(manifest.bytes(), StandardCharsets.UTF_8), SnapshotManifest.class);
        assertThat(read).isEqualTo(manifest);
        assertThat(read.digest()).isEqualTo(manifest.digest());
    }

    @Test
    void theNameOfASnapshotDoesNotDependOnTheOrderOfItsMaps() {
        Map<String, String> forth = new LinkedHashMap<>();
        Map<String, String> back = new LinkedHashMap<>();
        for (int i = 0; i < 50; i++) {
            forth.put("s" + i, "d" + i);
            back.put("s" + (49 - i), "d" + (49 - i));
        }
        assertThat(manifest(forth, 4).digest()).isEqualTo(manifest(back, 4).digest());
    }

    @Test
    void anyOtherContentIsAnotherSnapshot() {
        SnapshotManifest manifest = manifest(Map.of("flights", "d1"), 4);
        assertThat(manifest(Map.of("flights", "d2"), 4).digest()).isNotEqualTo(manifest.digest());
        assertThat(manifest(Map.of("flights", "d1"), 5).digest()).isNotEqualTo(manifest.digest());
    }

    @Test
    void rowsAndLabelsAreThoseOfTheDays() {
        SnapshotManifest manifest = manifest(Map.of(), 4);
        assertThat(manifest.rows()).isEqualTo(4);
        assertThat(manifest.labelled()).isEqualTo(1);
        assertThat(manifest.days()).extracting(SnapshotManifest.Day::coverage).containsExactly(0.25, 0.0);
    }

    @Test
    void aManifestDoesNotChangeWithWhatItWasMadeFrom() {
        Map<String, String> sources = new HashMap<>(Map.of("flights", "d1"));
        SnapshotManifest manifest = manifest(sources, 4);
        String before = manifest.digest().hex();
        sources.put("more", "d2");
        assertThat(manifest.digest().hex()).isEqualTo(before);
    }

    @Test
    void aProfileComesBackWithEveryDigit() {
        Profile.Column number = new Profile.Column(
                Profile.Column.NUMBER,
                10,
                2,
                1.0 / 3,
                Double.MIN_VALUE,
                -Double.MAX_VALUE,
                Double.MAX_VALUE,
                7,
                List.of(-0.1, 0.1 + 0.2),
                List.of(1L, 2L, Long.MAX_VALUE),
                null,
                0);
        Profile.Column category = new Profile.Column(
                Profile.Column.CATEGORY, 3, 0, null, null, null, null, 2, null, null, Map.of("", 1L, "ü\"", 2L), 5);
        Profile profile = new Profile(Map.of("x", number, "c", category));
        Profile read = Json.read(Json.write(profile), Profile.class);
        assertThat(read).isEqualTo(profile);
        assertThat(Json.canonical(read)).isEqualTo(Json.canonical(profile));
        assertThat(new ArrayList<>(read.columns().keySet())).containsExactly("c", "x");
    }

    @Test
    void aReportComesBackWithItsExamples() {
        ValidationReport report = new ValidationReport(
                List.of(new Constraint(
                        "weather.wind",
                        "max",
                        "at most 150",
                        Status.FAIL,
                        100,
                        1,
                        0.01,
                        List.of(new Example(Map.of("origin", "JFK"), "1048"), new Example(Map.of(), null)),
                        OnBreach.quarantine)),
                List.of(new Quarantined("weather", Map.of("origin", "JFK"), "wind", null, "max")),
                List.of(new ExcludedDay("2013-02-08", "max-missing", "too few")));
        assertThat(Json.read(Json.write(report), ValidationReport.class)).isEqualTo(report);
    }

    @ParameterizedTest
    @CsvSource({
        "INTEGER, integer, true",
        "INTEGER, number, true",
        "NUMBER, integer, false",
        "NUMBER, number, true",
        "BOOLEAN, number, false",
        "BOOLEAN, boolean, true",
        "STRING, string, true",
        "STRING, STRING, false",
        "DATE, timestamp, false",
        "TIMESTAMP, timestamp, true",
        "OTHER, string, false",
    })
    void aTypeSatisfiesItsOwnWordAndEveryIntegerIsANumber(ColumnType type, String word, boolean satisfied) {
        assertThat(type.satisfies(word)).isEqualTo(satisfied);
    }

    @ParameterizedTest
    @CsvSource({
        "INTEGER, true",
        "NUMBER, true",
        "BOOLEAN, true",
        "STRING, false",
        "TIMESTAMP, false",
        "DATE, false",
        "OTHER, false"
    })
    void numbersAndTruthsAreAveraged(ColumnType type, boolean numeric) {
        assertThat(type.numeric()).isEqualTo(numeric);
    }

    @Test
    void aSchemaKeepsTheOrderOfItsFileAndNamesWhatIsNotThere() {
        Map<String, ColumnType> columns = new LinkedHashMap<>();
        columns.put("z", ColumnType.STRING);
        columns.put("a", ColumnType.NUMBER);
        SourceSchema schema = new SourceSchema(columns);
        columns.clear();
        assertThat(new ArrayList<>(schema.columns().keySet())).containsExactly("z", "a");
        assertThat(schema.has("Z")).isFalse();
        assertThat(schema.type("a")).isEqualTo(ColumnType.NUMBER);
        assertThatThrownBy(() -> schema.type("b")).hasMessage("no column 'b' among [z, a]");
        assertThatThrownBy(() -> schema.columns().clear()).isInstanceOf(UnsupportedOperationException.class);
    }
}
