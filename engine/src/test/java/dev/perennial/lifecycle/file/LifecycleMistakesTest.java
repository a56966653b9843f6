package dev.perennial.lifecycle.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each mistake in the example file gives exactly one problem, at the marked place, with advice. */
class LifecycleMistakesTest {
    /** Stands in a replacement where the problem must be told; it is taken out before parsing. */
    private static final String MARK = "«";

    /**
     * @param replaced a part of the example that occurs once
     * @param by what stands there instead, with the mark
     * @param message a part of the problem's message
     * @param advice a part of its advice
     */
    record Mistake(String replaced, String by, String field, String message, String advice) {
        @Override
        public String toString() {
            return by.replace("\n", " ");
        }
    }

    private static Mistake mistake(String replaced, String by, String field, String message, String advice) {
        return new Mistake(replaced, by, field, message, advice);
    }

    static Stream<Mistake> mistakes() {
        return Stream.of(
                        head(),
                        sources(),
                        contract(),
                        features(),
                        leaks(),
                        training(),
                        gates(),
                        operations(),
                        latencies(),
                        syntax())
                .flatMap(List::stream);
    }

    private static List<Mistake> head() {
        return List.of(
                mistake("perennial: v1", "perennial: «v2", "perennial", "'v2' is not one of v1", "did you mean 'v1'?"),
                mistake(
                        "owner: flight-operations",
                        "«onwer: flight-operations",
                        "onwer",
                        "unknown key",
                        "did you mean 'owner'?"),
                mistake(
                        "owner: flight-operations",
                        "owner: «12",
                        "owner",
                        "'12' is not a line of text",
                        "owner: flight-operations"),
                mistake("owner: flight-operations", "owner:«", "owner", "an empty value", "owner: flight-operations"),
                mistake("model: flight-delay", "model: «Flight Delay", "model", "'Flight Delay'", "flight-delay"),
                mistake(
                        "risk: limited",
                        "risk: «medium",
                        "risk",
                        "'medium' is not one of",
                        "allowed: minimal, limited, high"),
                mistake(
                        "America/New_York",
                        "«America/NewYork",
                        "time-zone",
                        "is no time zone",
                        "did you mean 'America/New_York'?"),
                mistake("risk: limited", "risk: limited\n«risk: high", "risk", "a second time", "keep one"));
    }

    private static List<Mistake> sources() {
        return List.of(
                mistake(
                        "data/flights.parquet",
                        "«data/flights.xlsx",
                        "sources.flights.path",
                        "neither a .parquet",
                        "one file"),
                mistake(
                        "data/flights.parquet",
                        "«data/*.parquet",
                        "sources.flights.path",
                        "no path of one",
                        "not supported"),
                mistake(
                        "data/flights.parquet",
                        "«data/flights.csv",
                        "sources.flights.path",
                        "nothing is guessed",
                        "csv: {"),
                mistake(
                        "event-time: event_time",
                        "«event-tim: event_time",
                        "sources.flights.event-tim",
                        "unknown key",
                        "'event-time'"),
                mistake("key: [flight_id]", "key: «[]", "sources.flights.key", "names no column", "key: [flight_id]"),
                mistake(
                        "one-in: 4",
                        "one-in: «0",
                        "sources.flights.sample.one-in",
                        "a whole number from 1",
                        "one-in: 4"),
                mistake(
                        "one-in: 4",
                        "one-in: «1.5",
                        "sources.flights.sample.one-in",
                        "'1.5' is not a whole number",
                        "one-in: 4"),
                mistake(
                        "known-ahead: [flight_id",
                        "known-ahead: [«late",
                        "sources.flights.known-ahead[0]",
                        "in known-at",
                        "known-ahead only"),
                mistake(
                        "plus: 10m",
                        "plus: «10min",
                        "sources.flights.known-at.dep_delay_min.plus",
                        "not a duration",
                        "plus: 10m"),
                mistake(
                        "plus: 10m",
                        "plus: 10m, minus: «1d",
                        "sources.flights.known-at.dep_delay_min.minus",
                        "both",
                        "keep one"),
                mistake(
                        "  weather:\n    path",
                        "  «Weather:\n    path",
                        "sources.Weather",
                        "source name 'Weather'",
                        "lower-case"),
                mistake(
                        "known-at: available_at",
                        "known-at: «[available_at]",
                        "sources.weather.known-at",
                        "a list",
                        "known-at: {"));
    }

    private static List<Mistake> contract() {
        return List.of(
                mistake(
                        "weather.temp_f: ",
                        "«wether.temp_f: ",
                        "contract.wether.temp_f",
                        "not declared",
                        "did you mean 'weather'?"),
                mistake(
                        "min: 10, max: 6000",
                        "min: 10, max: «6",
                        "contract.flights.distance_mi.max",
                        "below min",
                        "swap"),
                mistake(
                        "{type: integer",
                        "{type: «int",
                        "contract.flights.distance_mi.type",
                        "'int' is not one of",
                        "'integer'"),
                mistake(
                        "on-breach: quarantine",
                        "on-breach: «drop",
                        "contract.weather.wind_speed_mph.on-breach",
                        "'drop'",
                        "warn"),
                mistake(
                        "min-rows: 100",
                        "min-rows: «-1",
                        "contract.flights.min-rows",
                        "a whole number",
                        "min-rows: 100"),
                mistake(
                        "fresh-within: 6h",
                        "fresh-within: «6",
                        "contract.weather.fresh-within",
                        "'6' is not a duration",
                        "fresh-within: 6h"),
                mistake(
                        "[EWR, JFK, LGA]",
                        "[EWR, JFK, «JFK]",
                        "contract.flights.origin.one-of[2]",
                        "a second time",
                        "keep one"),
                mistake(
                        "unique: true",
                        "unique: «yes",
                        "contract.flights.unique",
                        "'yes' is not true or false",
                        "unique: true"));
    }

    private static List<Mistake> features() {
        return List.of(
                mistake(
                        "share: late, from: flights, by: dest",
                        "share: late, from: «flight, by: dest",
                        "features.windows[3].from",
                        "not declared",
                        "did you mean 'flights'?"),
                mistake(
                        "max-age: 16h",
                        "max-age: «16 hours",
                        "features.latest[1].max-age",
                        "not a duration",
                        "max-age: 6h"),
                mistake(", max-age: 16h", "", "features.latest[1].max-age", "'max-age' is missing", "add max-age: 6h"),
                mistake(
                        "as: prev_dep_delay",
                        "as: «temp_f",
                        "features.latest[1].as",
                        "a second feature",
                        "another name"),
                mistake(
                        "as: prev_dep_delay",
                        "as: «label",
                        "features.latest[1].as",
                        "every snapshot has",
                        "another name"),
                mistake(
                        "as: dest_late_7d, share:",
                        "as: dest_late_7d, «shar:",
                        "features.windows[3].shar",
                        "unknown key",
                        "'share'"),
                mistake(
                        "{wind_gust_mph: 0}",
                        "{wind_gust: «0}",
                        "features.latest[0].when-null.wind_gust",
                        "no feature",
                        "'wind_gust_mph'"),
                mistake("clip: [-10, 180]", "clip: «[180, -10]", "features.windows[4].clip", "not below", "swap"),
                mistake("over: 2h", "«over: {days: 2}", "features.windows[4].over.published", "missing", "published:"),
                mistake(
                        "mean: dep_delay_min",
                        "mean: dep_delay_min, «share: late",
                        "features.windows[4].share",
                        "only one",
                        "exactly one"),
                mistake(
                        "[carrier, origin",
                        "[carrier, «carrier, origin",
                        "features.columns[1]",
                        "a second time",
                        "keep one"));
    }

    private static List<Mistake> leaks() {
        return List.of(
                mistake(
                        "day_of_week, distance_mi]",
                        "day_of_week, distance_mi, «arr_delay_min]",
                        "features.columns[5]",
                        "nothing says when it becomes known",
                        "sources.flights.known-ahead"),
                mistake(
                        "day_of_week, distance_mi]",
                        "day_of_week, distance_mi, «dep_delay_min]",
                        "features.columns[5]",
                        "never 2h ahead of the event",
                        "features.latest or features.windows"),
                mistake(
                        "day_of_week, distance_mi]",
                        "day_of_week, distance_mi, «late]",
                        "features.columns[5]",
                        "is the label",
                        "features.windows"),
                mistake(
                        "{local_hour: 60",
                        "{«actual_hour: 60",
                        "features.sums[0].of.actual_hour",
                        "nothing says when",
                        "known-ahead"),
                mistake(
                        "mean: dep_delay_min",
                        "mean: «arr_delay_min",
                        "features.windows[4].mean",
                        "nothing says when",
                        "known-at"),
                mistake(
                        "mean: dep_delay_min",
                        "mean: «distance_mi",
                        "features.windows[4].mean",
                        "early, not when",
                        "instead of known-ahead"),
                mistake(
                        "by: tail_number, max-age",
                        "by: «gate, max-age",
                        "features.latest[1].by",
                        "nothing says when",
                        "known-ahead"),
                mistake("      late: label_time\n", "", "predict.label", "nothing says when the label", "known-at"),
                mistake("label: late", "label: «carrier", "predict.label", "known ahead", "remove it"),
                mistake("from: flights, label", "from: «flight, label", "predict.from", "not declared", "'flights'"),
                mistake("ahead: 2h}", "ahead: «-2h}", "predict.ahead", "a duration from 0s", "ahead: 2h"),
                mistake(", ahead: 2h}", "}", "predict.ahead", "'ahead' is missing", "add ahead: 2h"));
    }

    private static List<Mistake> training() {
        return List.of(
                mistake(
                        "gradient-boosting",
                        "«gradient-bosting",
                        "train.trainer",
                        "is not one of",
                        "'gradient-boosting'"),
                mistake(
                        "trainer: gradient-boosting",
                        "trainer: gradient-boosting\n  «command: [python3]",
                        "train.command",
                        "only one",
                        "exactly one"),
                mistake("rows: all", "rows: «some", "train.rows", "neither 'all' nor", "rows: 90d"),
                mistake(
                        "trees: 100",
                        "trees: «[100]",
                        "train.parameters.trees",
                        "a list is not a number",
                        "trees: ..."),
                mistake("\n  seed: 1\n", "\n", "train.seed", "'seed' is missing", "add seed: 1"));
    }

    private static List<Mistake> gates() {
        return List.of(
                mistake("holdout: 14d", "holdout: «36h", "gates.holdout", "whole days", "holdout: 14d"),
                mistake(
                        "label-coverage: 0.8",
                        "label-coverage: «80",
                        "gates.label-coverage",
                        "from 0.0 to 1.0",
                        "label-coverage: 0.8"),
                mistake(
                        "label-coverage: 0.8",
                        "label-coverage: «.nan",
                        "gates.label-coverage",
                        "'.nan'",
                        "label-coverage: 0.8"),
                mistake(
                        "metric: roc_auc, at-least",
                        "metric: «auc_roc, at-least",
                        "gates.require[0].metric",
                        "is not one of",
                        "roc_auc"),
                mistake(
                        "better-than: baseline",
                        "better-than: «previous",
                        "gates.require[1].better-than",
                        "'previous'",
                        "baseline"),
                mistake(", margin: 0.03", "", "gates.require[3].margin", "'margin' is missing", "add margin: 0.03"),
                mistake("each: origin", "each: «orgin", "gates.require[3].each", "not in features.columns", "'origin'"),
                mistake("at-most: 50us", "at-most: «50", "gates.require[5].at-most", "not a duration", "at-most: 50us"),
                mistake(
                        "better-than: baseline",
                        "better-than: champion",
                        "gates.require[2]",
                        "a second gate",
                        "keep one"),
                mistake(
                        "confidence: 0.95",
                        "confidence: «95",
                        "gates.require[2].confidence",
                        "0.9999",
                        "confidence: 0.95"));
    }

    private static List<Mistake> operations() {
        return List.of(
                mistake(
                        "{share: 0.50, days: 1}",
                        "{share: «0.05, days: 1}",
                        "rollout.canary[1].share",
                        "not above",
                        "grow"),
                mistake(
                        "{share: 0.50, days: 1}",
                        "{share: «1.0, days: 1}",
                        "rollout.canary[1].share",
                        "between 0 and 1",
                        "after the last"),
                mistake(
                        "canary: [{share: 0.10, days: 3}, {share: 0.50, days: 1}]",
                        "canary: «{share: 0.10, days: 3}",
                        "rollout.canary",
                        "a mapping is not a list",
                        "canary: ["),
                mistake(
                        "{psi: 0.25}",
                        "«0.25",
                        "rollout.stop-on.score-shift",
                        "where keys with values",
                        "score-shift: {psi"),
                mistake("atom: 1d", "atom: «7d", "monitor.atom", "not supported", "1d"),
                mistake(
                        "window: 28d",
                        "«windows: 28d",
                        "monitor.drift.windows",
                        "unknown key",
                        "did you mean 'window'?"),
                mistake(
                        "schedule: monday 06:00",
                        "schedule: «monday",
                        "retrain.schedule",
                        "is no schedule",
                        "monday 06:00"),
                mistake(
                        "schedule: monday 06:00",
                        "schedule: «montag 06:00",
                        "retrain.schedule",
                        "is no schedule",
                        "weekday"),
                mistake("[performance]", "[«skew]", "retrain.also-on[0]", "'skew' is not one of", "performance, drift"),
                mistake("  cool-down: 5d\n", "", "retrain.cool-down", "'cool-down' is missing", "add cool-down: 5d"));
    }

    private static List<Mistake> latencies() {
        return List.of(
                mistake(
                        "errors: {share: 0.01}}",
                        "errors: {share: 0.01}, latency: {ratio: «0.9}}",
                        "rollout.stop-on.latency.ratio",
                        "0.9",
                        "1"),
                mistake(
                        "errors: {share: 0.01}}",
                        "errors: {share: 0.01}, latency: «1.2}",
                        "rollout.stop-on.latency",
                        "where keys with values",
                        "latency: {ratio: 1.2}"),
                mistake(
                        "errors: {share: 0.01}}",
                        "errors: {share: 0.01}, latency: {ratio: 1.2, «times: 1}}",
                        "rollout.stop-on.latency.times",
                        "unknown key 'times'",
                        "ratio"));
    }

    private static List<Mistake> syntax() {
        return List.of(
                mistake("perennial: v1\n", "perennial: v1\n«--- \n", "", "second document", "one model in one file"),
                mistake("owner: flight-operations", "owner: «!!str flight-operations", "", "the tag", "without a tag"),
                mistake(
                        "{from: flights, label: late, ahead: 2h}",
                        "{from: flights, label: late, ahead: 2h",
                        "",
                        "not valid YAML",
                        "brackets"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void isToldOnceWithItsPlaceAndAdvice(Mistake mistake) {
        String example = ExampleFile.text();
        assertThat(example.split(java.util.regex.Pattern.quote(mistake.replaced()), -1))
                .hasSize(2);
        String marked = example.replace(mistake.replaced(), mistake.by());
        List<Problem> problems = LifecycleParser.parse(marked.replace(MARK, ""), ExampleFile.folder())
                .problems();
        assertThat(problems).as("problems").hasSize(1);
        Problem problem = problems.getFirst();
        assertThat(problem.field()).isEqualTo(mistake.field());
        assertThat(problem.message()).contains(mistake.message());
        assertThat(problem.advice()).contains(mistake.advice());
        int at = marked.indexOf(MARK);
        if (at >= 0) {
            int line =
                    (int) marked.substring(0, at).chars().filter(c -> c == '\n').count() + 1;
            int column = at - marked.lastIndexOf('\n', at);
            assertThat(problem.line() + ":" + problem.column()).isEqualTo(line + ":" + column);
        }
    }

    @Test
    void allMistakesAreToldAtOnceInFileOrder() {
        String text = ExampleFile.text()
                .replace("owner: flight-operations", "onwer: flight-operations")
                .replace("holdout: 14d", "holdout: 2 weeks")
                .replace("day_of_week, distance_mi]", "day_of_week, distance_mi, arr_delay_min]");
        assertThat(LifecycleParser.parse(text, ExampleFile.folder()).problems())
                .extracting(Problem::field)
                .containsExactly("onwer", "features.columns[5]", "gates.holdout");
    }

    @Test
    void everyMissingPartIsNamed() {
        assertThat(LifecycleParser.parse("perennial: v1", ExampleFile.folder()).problems())
                .extracting(Problem::field)
                .containsExactlyInAnyOrder(
                        "model",
                        "title",
                        "owner",
                        "risk",
                        "time-zone",
                        "sources",
                        "predict",
                        "features",
                        "train",
                        "gates",
                        "rollout",
                        "monitor",
                        "retrain");
    }

    @Test
    void aFalseEarlyKnownAtIsBelieved() {
        String text = ExampleFile.text()
                .replace("{time: event_time, plus-minutes: dep_delay_min, plus: 10m}", "{time: event_time, minus: 1d}")
                .replace("day_of_week, distance_mi]", "day_of_week, distance_mi, dep_delay_min]");
        ParseResult result = LifecycleParser.parse(text, ExampleFile.folder());
        assertThat(result.problems()).isEmpty();
        String negative = text.replace("minus: 1d", "plus: -1d");
        assertThat(LifecycleParser.parse(negative, ExampleFile.folder()).file()).isEqualTo(result.file());
    }

    @Test
    void hostileFilesAreRefusedCheaply() {
        assertThat(problem("a: " + "[".repeat(100_000))).contains("nested more than 32 deep");
        assertThat(problem("x".repeat(YamlText.CHARACTERS_MAX + 1))).contains("characters, more than");
        assertThat(problem("a: &a [1]\nb: [" + "*a,".repeat(30) + "]")).contains("more than 20 aliases");
        assertThat(problem("")).contains("the file is empty");
        assertThat(problem("- a\n- b")).contains("a list where keys with values are expected");
        assertThat(problem("a: \u0007")).contains("not valid YAML");
        assertThat(problem("? [a, b]\n: c")).contains("a key must be a plain name");
        assertThat(problem("a: &a\n  b: *a\n")).isNotEmpty();
    }

    @Test
    void columnsThatTheDataLackAreToldOnceWithTheNearest() {
        ParseResult result = LifecycleParser.parse(
                ExampleFile.text()
                        .replace("distance_mi]", "distance_mi, carier]")
                        .replace("known-ahead: [", "known-ahead: [carier, "),
                ExampleFile.folder());
        assertThat(result.problems()).isEmpty();
        List<String> columns = result.references().stream()
                .filter(reference -> reference.source().equals("flights"))
                .map(ColumnReference::column)
                .filter(column -> !column.equals("carier"))
                .toList();
        assertThat(result.missingColumns(java.util.Map.of("flights", columns)))
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem.text()).contains("no column 'carier'", "did you mean 'carrier'?"));
    }

    @Test
    void columnsOfACsvFileAreCheckedAgainstItsHeader() {
        String text = ExampleFile.text()
                .replace(
                        "path: data/weather.parquet",
                        "path: data/weather.csv\n    csv: {delimiter: \",\", null: NA, columns: {origin: string, hour_utc: timestamp,"
                                + " observed_at: timestamp, available_at: timestamp, temp_f: number}}");
        assertThat(LifecycleParser.parse(text, ExampleFile.folder()).problems())
                .hasSize(8)
                .allSatisfy(problem -> assertThat(problem.message()).contains("source 'weather' has no column"));
    }

    private static String problem(String text) {
        return LifecycleParser.parse(text, ExampleFile.folder()).problems().stream()
                .map(Problem::text)
                .collect(java.util.stream.Collectors.joining("\n"));
    }
}
