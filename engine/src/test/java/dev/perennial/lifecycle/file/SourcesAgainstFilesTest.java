package dev.perennial.lifecycle.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SourcesAgainstFilesTest {
    private static final ParseResult EXAMPLE = LifecycleParser.parse(ExampleFile.text(), ExampleFile.folder());

    @Test
    void aFileWhoseSourcesHaveWhatItNamesIsSound() {
        assertThat(EXAMPLE.against(described())).isEmpty();
    }

    @Test
    void sourcesThatNobodyLookedAtAreSkipped() {
        assertThat(EXAMPLE.against(Map.of())).isEmpty();
    }

    @Test
    void aColumnThatIsNotThereIsToldOnceAtItsFirstPlaceWithTheNearestName() {
        Map<String, SourceDescription> described = described();
        described.put("flights", without(described.get("flights"), "carrier", Map.of("carier", "string")));
        assertThat(EXAMPLE.against(described)).singleElement().satisfies(problem -> {
            assertThat(problem.text())
                    .startsWith("14:101 ")
                    .endsWith(
                            "sources.flights.known-ahead[7]: source 'flights' has no column 'carrier'; did you mean 'carier'?");
            assertThat(lineOf(problem)).contains("known-ahead: [");
        });
    }

    @Test
    void aTimeThatIsATextIsToldWithTheColumnsThatAreTimes() {
        Map<String, SourceDescription> described = described();
        described.put("weather", without(described.get("weather"), "observed_at", Map.of("observed_at", "string")));
        assertThat(EXAMPLE.against(described)).singleElement().satisfies(problem -> {
            assertThat(problem.field()).isEqualTo("sources.weather.event-time");
            assertThat(problem.message())
                    .isEqualTo(
                            "column 'observed_at' of source 'weather' holds values of type string, where a time is needed");
            assertThat(problem.advice())
                    .isEqualTo("name another column or change the source; a time is in available_at, hour_utc");
            assertThat(lineOf(problem)).contains("event-time: observed_at");
        });
    }

    @Test
    void whatIsCountedWithMustBeANumber() {
        Map<String, SourceDescription> described = described();
        described.put("flights", without(described.get("flights"), "dep_delay_min", Map.of("dep_delay_min", "string")));
        List<Problem> problems = EXAMPLE.against(described);
        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.field()).isEqualTo("sources.flights.known-at.dep_delay_min.plus-minutes");
            assertThat(problem.message()).endsWith("holds values of type string, where a number is needed");
        });
    }

    @Test
    void boundsAskForANumberAndTheLabelToo() {
        Map<String, SourceDescription> described = described();
        SourceDescription flights =
                without(described.get("flights"), "distance_mi", Map.of("distance_mi", "date", "late", "string"));
        described.put("flights", flights);
        assertThat(EXAMPLE.against(described).stream().map(Problem::field))
                .containsExactly("predict.label", "contract.flights.distance_mi", "features.columns[4]");
    }

    @Test
    void trueAndFalseAreNumbersAndIntegersToo() {
        Map<String, SourceDescription> described = described();
        described.put("flights", without(described.get("flights"), "late", Map.of("late", "boolean")));
        assertThat(EXAMPLE.against(described)).isEmpty();
    }

    @Test
    void listsAndStructuresAreNoValues() {
        Map<String, SourceDescription> described = described();
        described.put("weather", without(described.get("weather"), "origin", Map.of("origin", "other")));
        assertThat(EXAMPLE.against(described))
                .isNotEmpty()
                .allSatisfy(
                        problem -> assertThat(problem.message())
                                .isEqualTo(
                                        "column 'origin' of source 'weather' holds lists, structures or bytes, where a plain value is needed"));
    }

    @Test
    void aFileThatCannotBeReadIsToldWhereItIsNamed() {
        Map<String, SourceDescription> described = described();
        described.put("weather", new SourceDescription(Map.of(), "there is no file /x.parquet", "put it there"));
        assertThat(EXAMPLE.against(described)).singleElement().satisfies(problem -> {
            assertThat(problem.field()).isEqualTo("sources.weather.path");
            assertThat(problem.message()).isEqualTo("source 'weather': there is no file /x.parquet");
            assertThat(problem.advice()).isEqualTo("put it there");
            assertThat(lineOf(problem)).contains("path: data/weather.parquet");
        });
    }

    @Test
    void problemsStandInTheOrderOfTheFile() {
        Map<String, SourceDescription> described = described();
        described.put("flights", SourceDescription.of(Map.of("event_time", "timestamp")));
        described.put("weather", new SourceDescription(Map.of(), "broken", null));
        List<Problem> problems = EXAMPLE.against(described);
        assertThat(problems).hasSizeGreaterThan(10);
        assertThat(problems.stream().map(Problem::line)).isSorted();
    }

    @Test
    void nothingFitsIsSaid() {
        Map<String, SourceDescription> described = described();
        Map<String, String> texts = new LinkedHashMap<>(described.get("weather").columns());
        texts.replaceAll((column, type) -> "string");
        described.put("weather", SourceDescription.of(texts));
        assertThat(EXAMPLE.against(described))
                .filteredOn(problem -> problem.field().equals("sources.weather.event-time"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.advice())
                        .isEqualTo("no column of this source is a time; change the source"));
    }

    private static String lineOf(Problem problem) {
        return ExampleFile.text().lines().toList().get(problem.line() - 1);
    }

    private static SourceDescription without(
            SourceDescription description, String column, Map<String, String> instead) {
        Map<String, String> columns = new LinkedHashMap<>(description.columns());
        columns.remove(column);
        columns.putAll(new TreeMap<>(instead));
        return SourceDescription.of(columns);
    }

    /** Every column that the example names, with a type that its uses can take. */
    private static Map<String, SourceDescription> described() {
        Map<String, Map<String, String>> columns = new TreeMap<>();
        List<ColumnNeed> strictest =
                new ArrayList<>(List.of(ColumnNeed.PLAIN, ColumnNeed.FEATURE, ColumnNeed.NUMBER, ColumnNeed.TIME));
        for (ColumnNeed need : strictest) {
            EXAMPLE.references().stream()
                    .filter(reference -> reference.need() == need)
                    .forEach(reference -> columns.computeIfAbsent(reference.source(), name -> new TreeMap<>())
                            .put(
                                    reference.column(),
                                    switch (need) {
                                        case PLAIN, FEATURE -> "string";
                                        case NUMBER -> "integer";
                                        case TIME -> "timestamp";
                                    }));
        }
        columns.get("weather").put("hour_utc", "timestamp");
        Map<String, SourceDescription> described = new TreeMap<>();
        columns.forEach((source, types) -> described.put(source, SourceDescription.of(types)));
        return described;
    }
}
