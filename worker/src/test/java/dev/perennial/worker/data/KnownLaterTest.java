package dev.perennial.worker.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.lifecycle.file.LifecycleFile;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What became known after prediction time changes no feature. */
class KnownLaterTest {
    private static final long DAY = FlightDelay.hours(24);

    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"2013-02-12T15:30:00Z", "2013-03-10T13:00:00Z", "2013-07-24T21:17:00Z"})
    void perturbingWhatBecameKnownLaterChangesNoFeature(String cut) {
        long t = Instant.parse(cut).toEpochMilli();
        LifecycleFile file = FlightDelay.file();
        LifecycleFile perturbed = perturbedAfter(t);
        FeatureQuery.Rows rows = new FeatureQuery.Rows(t - DAY, t + FlightDelay.hours(2) + 1, false, false, null, null);

        Map<String, Object[]> truth = FeatureRows.bySql(file, temporary.resolve("a"), rows);
        Map<String, Object[]> sql = FeatureRows.bySql(perturbed, temporary.resolve("b"), rows);
        Map<String, Object[]> operators = FeatureRows.byOperators(perturbed, temporary.resolve("c"), t - DAY, t + 1);

        assertThat(truth).hasSizeGreaterThan(700);
        assertThat(sql.keySet()).isEqualTo(truth.keySet());
        truth.forEach(
                (flight, features) -> assertThat(sql.get(flight)).as(flight).containsExactly(features));
        assertThat(operators).hasSizeGreaterThan(700);
        operators.forEach((flight, features) -> TwoEnginesTest.assertSame(flight, truth.get(flight), features));
    }

    @Test
    void perturbingWhatWasKnownChangesFeatures() {
        long t = Instant.parse("2013-07-24T21:17:00Z").toEpochMilli();
        FeatureQuery.Rows rows = new FeatureQuery.Rows(t, t + DAY, false, false, null, null);

        Map<String, Object[]> truth = FeatureRows.bySql(FlightDelay.file(), temporary.resolve("a"), rows);
        Map<String, Object[]> changed = FeatureRows.bySql(perturbedAfter(t - 2 * DAY), temporary.resolve("b"), rows);

        List<String> names = FlightDelay.file().featureNames();
        for (String name : List.of("temp_f", "prev_dep_delay", "origin_late_1d", "origin_dep_delay_2h")) {
            int i = names.indexOf(name);
            assertThat(truth.entrySet())
                    .as(name)
                    .anySatisfy(row -> assertThat(changed.get(row.getKey())[i]).isNotEqualTo(row.getValue()[i]));
        }
    }

    /** Sources in which every value that became known after {@code t} is another. */
    private LifecycleFile perturbedAfter(long t) {
        LifecycleFile file = FlightDelay.file();
        Path flights = temporary.resolve("flights-" + t + ".parquet");
        Path weather = temporary.resolve("weather-" + t + ".parquet");
        try (DuckDb db = DuckDb.open(
                DuckDb.Settings.in(temporary.resolve("p")), SourceTable.realFiles(file), List.of(temporary))) {
            SourceTable base = SourceTable.open(db, "flights", file.source("flights"));
            SourceTable reports = SourceTable.open(db, "weather", file.source("weather"));
            copy(
                    db,
                    base,
                    flights,
                    "NOT late AS late, -9 AS arr_delay_min, 'NEW' AS status, dep_delay_min + 500 AS dep_delay_min",
                    Map.of(
                            "late",
                            base.known("late") + " > " + t,
                            "dep_delay_min",
                            base.known("dep_delay_min") + " > " + t,
                            "arr_delay_min",
                            "true",
                            "status",
                            "true"));
            String later = reports.known("temp_f") + " > " + t;
            copy(
                    db,
                    reports,
                    weather,
                    "temp_f - 100 AS temp_f, 149 AS wind_speed_mph, NULL AS visibility_mi, 3 AS wind_gust_mph",
                    Map.of("temp_f", later, "wind_speed_mph", later, "visibility_mi", later, "wind_gust_mph", later));
        }
        return FlightDelay.with(
                Map.of("flights", FlightDelay.flights(flights), "weather", FlightDelay.weather(weather)),
                FlightDelay.features());
    }

    private static void copy(DuckDb db, SourceTable table, Path target, String changes, Map<String, String> when) {
        StringBuilder replace = new StringBuilder();
        for (String change : changes.split(", ")) {
            String column = change.substring(change.lastIndexOf(' ') + 1);
            String value = change.substring(0, change.lastIndexOf(" AS "));
            replace.append(replace.isEmpty() ? "" : ", ")
                    .append("CASE WHEN ")
                    .append(when.get(column))
                    .append(" THEN ")
                    .append(value)
                    .append(" ELSE ")
                    .append(column)
                    .append(" END AS ")
                    .append(column);
        }
        db.execute("COPY (SELECT * REPLACE (" + replace + ") FROM " + table.scan() + ") TO "
                + Sql.text(target.toString()) + " (FORMAT parquet)");
    }
}
