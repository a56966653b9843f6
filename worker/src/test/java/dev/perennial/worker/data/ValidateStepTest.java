package dev.perennial.worker.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.data.ValidationReport;
import dev.perennial.data.ValidationReport.Constraint;
import dev.perennial.data.ValidationReport.Status;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.Source;
import dev.perennial.worker.StepHandler.StepInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateStepTest {
    @TempDir
    Path temporary;

    @Test
    void exactlyOneWeatherRowIsSetAsideInTheFirstQuarter() throws IOException {
        ValidationReport report = validate(FlightDelay.file(), local("2013-01-01"), local("2013-04-01"), "");

        assertThat(report.quarantined()).hasSize(1);
        assertThat(report.quarantined().getFirst().source()).isEqualTo("weather");
        assertThat(report.quarantined().getFirst().column()).isEqualTo("wind_speed_mph");
        assertThat(Double.parseDouble(report.quarantined().getFirst().value())).isBetween(1048.0, 1048.5);
        assertThat(report.quarantined().getFirst().key()).containsEntry("origin", "EWR");
        assertThat(report.quarantined().getFirst().key().get("hour_utc")).startsWith("2013-02-12 08:00:00");
        assertThat(report.excludedDays()).isEmpty();
        assertThat(report.constraints())
                .filteredOn(constraint -> constraint.status() == Status.FAIL)
                .singleElement()
                .satisfies(constraint -> {
                    assertThat(constraint.target()).isEqualTo("weather.wind_speed_mph");
                    assertThat(constraint.rule()).isEqualTo("max");
                    assertThat(constraint.failed()).isEqualTo(1);
                    assertThat(constraint.examples()).hasSize(1);
                });
    }

    @Test
    void aDayIsLeftOutWhenTheFeedIsDeadAndNotForSingleMissingHours() throws IOException {
        ValidationReport report = validate(FlightDelay.file(), local("2013-01-01"), local("2014-01-01"), "");

        assertThat(report.excludedDays()).extracting("day").containsExactly("2013-12-31");
        assertThat(report.excludedDays().getFirst().reason()).contains("at most 6.0 h allowed");
    }

    @Test
    void aDeadWeekIsLeftOutDayByDay() throws IOException {
        Source weather = SourceCopies.without(
                "weather",
                FlightDelay.weather(FlightDelay.DATA.resolve("weather.parquet")),
                "observed_at",
                local("2013-10-14"),
                local("2013-10-21"),
                temporary.resolve("it's dead.parquet"));
        LifecycleFile file = FlightDelay.with(
                Map.of("flights", FlightDelay.flights(FlightDelay.DATA.resolve("flights.parquet")), "weather", weather),
                FlightDelay.features());

        ValidationReport report = validate(file, local("2013-09-01"), local("2013-11-01"), "");

        assertThat(report.excludedDays())
                .extracting("day")
                .containsExactly(
                        "2013-10-14",
                        "2013-10-15",
                        "2013-10-16",
                        "2013-10-17",
                        "2013-10-18",
                        "2013-10-19",
                        "2013-10-20");
    }

    @Test
    void everyRuleIsReportedWithItsCounts() throws IOException {
        ValidationReport report = validate(FlightDelay.file(), local("2013-03-01"), local("2013-03-08"), """
                {"flights.carrier": ["UA", "AA"], "flights.dest": []}""");

        assertThat(rules(report))
                .containsExactly(
                        "flights unique",
                        "flights min-rows",
                        "flights.distance_mi type",
                        "flights.distance_mi required",
                        "flights.distance_mi min",
                        "flights.distance_mi max",
                        "flights.carrier type",
                        "flights.carrier required",
                        "flights.carrier known-values",
                        "flights.origin type",
                        "flights.origin required",
                        "flights.origin one-of",
                        "flights.dest type",
                        "flights.dest required",
                        "flights.dest known-values",
                        "weather.wind_speed_mph type",
                        "weather.wind_speed_mph min",
                        "weather.wind_speed_mph max",
                        "weather.temp_f type",
                        "weather.temp_f min",
                        "weather.temp_f max",
                        "weather.visibility_mi type",
                        "weather.visibility_mi min",
                        "weather.visibility_mi max",
                        "weather.pressure_mb type",
                        "weather.pressure_mb max-missing",
                        "weather.wind_dir_deg type",
                        "weather.wind_dir_deg max-missing",
                        "weather fresh-within");
        assertThat(one(report, "flights.carrier known-values").status()).isEqualTo(Status.FAIL);
        assertThat(one(report, "flights.dest known-values").share()).isEqualTo(1);
        assertThat(one(report, "flights.carrier known-values").examples()).hasSize(10);
        assertThat(one(report, "flights min-rows").checked()).isEqualTo(7);
        assertThat(one(report, "flights unique").checked()).isBetween(6000L, 7000L);
        assertThat(report.constraints())
                .filteredOn(constraint -> !constraint.rule().equals("known-values"))
                .allSatisfy(constraint -> assertThat(constraint.status())
                        .as(constraint.toString())
                        .isEqualTo(Status.PASS));
    }

    @Test
    void withoutAReferenceKnownValuesAreNotApplicable() throws IOException {
        ValidationReport report = validate(FlightDelay.file(), local("2013-03-01"), local("2013-03-08"), "");

        assertThat(one(report, "flights.carrier known-values").status()).isEqualTo(Status.NOT_APPLICABLE);
    }

    private static List<String> rules(ValidationReport report) {
        return report.constraints().stream()
                .map(constraint -> constraint.target() + " " + constraint.rule())
                .toList();
    }

    private static Constraint one(ValidationReport report, String name) {
        return report.constraints().stream()
                .filter(constraint -> name.equals(constraint.target() + " " + constraint.rule()))
                .findFirst()
                .orElseThrow();
    }

    private ValidationReport validate(LifecycleFile file, long from, long to, String knownValues) throws IOException {
        ObjectNode parameters = Json.object().put("asOf", to).put("from", from).put("to", to);
        parameters.set("lifecycle", Json.tree(file));
        if (!knownValues.isEmpty()) {
            parameters.set("knownValues", Json.parse(knownValues));
        }
        Path staging = Files.createTempDirectory(temporary, "validate");
        var output = new ValidateStep().run(new StepInput(parameters, Map.of(), staging, (share, line) -> {}));
        assertThat(staging).isEmptyDirectory();
        return Json.convert(output.values().get("report"), ValidationReport.class);
    }

    static long local(String day) {
        return LocalDate.parse(day)
                .atStartOfDay(ZoneId.of("America/New_York"))
                .toInstant()
                .toEpochMilli();
    }

    static long at(String instant) {
        return Instant.parse(instant).toEpochMilli();
    }
}
