package dev.perennial.lifecycle.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.ContractRule.OnBreach;
import dev.perennial.lifecycle.file.Features.Aggregate;
import dev.perennial.lifecycle.file.Features.Clip;
import dev.perennial.lifecycle.file.Features.Days;
import dev.perennial.lifecycle.file.Features.Prior;
import dev.perennial.lifecycle.file.Features.Window;
import dev.perennial.lifecycle.file.Gates.Gate;
import dev.perennial.lifecycle.file.Gates.Kind;
import dev.perennial.lifecycle.file.Source.KnownAt;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LifecycleParserTest {
    private final LifecycleFile file = ExampleFile.parsed();

    @Test
    void theExampleHasNoProblem() {
        assertThat(LifecycleParser.parse(ExampleFile.text(), ExampleFile.folder())
                        .problems())
                .isEmpty();
        assertThat(file.model()).isEqualTo("flight-delay");
        assertThat(file.risk()).isEqualTo(LifecycleFile.Risk.limited);
        assertThat(file.predict()).isEqualTo(new LifecycleFile.Predict("flights", "late", 7_200_000));
    }

    @Test
    void sourcesHaveAbsolutePathsAndTimesOfKnowledge() {
        Source flights = file.source("flights");
        assertThat(Path.of(flights.path())).isAbsolute().exists();
        assertThat(flights.sample()).isEqualTo(new Source.Sample("flight_id", 4));
        assertThat(flights.knownAhead()).hasSize(15).startsWith("flight_id").endsWith("scheduled_arrival");
        assertThat(flights.knownAt())
                .isEqualTo(Map.of(
                        "late", new KnownAt("label_time", null, 0),
                        "dep_delay_min", new KnownAt("event_time", "dep_delay_min", 600_000)));
        Source weather = file.source("weather");
        assertThat(weather.key()).containsExactly("origin", "hour_utc");
        assertThat(weather.knownAt()).isEqualTo(Map.of("*", new KnownAt("available_at", null, 0)));
    }

    @Test
    void contractRulesKeepTheirOrder() {
        assertThat(file.contract())
                .extracting(ContractRule::target)
                .containsExactly(
                        "flights",
                        "flights.distance_mi",
                        "flights.carrier",
                        "flights.origin",
                        "flights.dest",
                        "weather.wind_speed_mph",
                        "weather.temp_f",
                        "weather.visibility_mi",
                        "weather.pressure_mb",
                        "weather.wind_dir_deg",
                        "weather");
        assertThat(file.contract().get(0))
                .isEqualTo(new ContractRule(
                        "flights",
                        null,
                        null,
                        null,
                        null,
                        null,
                        false,
                        null,
                        null,
                        false,
                        true,
                        100L,
                        null,
                        OnBreach.warn));
        assertThat(file.contract().get(5))
                .isEqualTo(new ContractRule(
                        "weather",
                        "wind_speed_mph",
                        "number",
                        "mph",
                        0.0,
                        150.0,
                        false,
                        null,
                        null,
                        false,
                        false,
                        null,
                        null,
                        OnBreach.quarantine));
        assertThat(file.contract().get(10).freshWithinMillis()).isEqualTo(21_600_000);
        assertThat(file.contract().get(10).onBreach()).isEqualTo(OnBreach.excludeDay);
    }

    @Test
    void featuresAreThoseOfTheReferenceModel() {
        assertThat(file.featureNames())
                .containsExactly(
                        "carrier",
                        "origin",
                        "dest",
                        "day_of_week",
                        "distance_mi",
                        "sched_min_of_day",
                        "temp_f",
                        "dewpoint_f",
                        "humidity_pct",
                        "wind_dir_deg",
                        "wind_speed_mph",
                        "wind_gust_mph",
                        "precip_in",
                        "pressure_mb",
                        "visibility_mi",
                        "prev_dep_delay",
                        "origin_late_1d",
                        "origin_late_7d",
                        "carrier_late_7d",
                        "dest_late_7d",
                        "origin_dep_delay_2h");
        assertThat(file.features().sums().getFirst().terms())
                .containsExactly(new Features.Term("local_hour", 60), new Features.Term("local_minute", 1));
        assertThat(file.features().latest().getFirst().whenNull()).isEqualTo(Map.of("wind_gust_mph", 0.0));
        assertThat(file.features().windows().get(1))
                .isEqualTo(new Window(
                        "origin_late_7d",
                        Aggregate.share,
                        "late",
                        "flights",
                        "origin",
                        new Days(7, "06:00"),
                        null,
                        new Prior(0.24, 20),
                        null,
                        1));
        assertThat(file.features().windows().getLast())
                .isEqualTo(new Window(
                        "origin_dep_delay_2h",
                        Aggregate.mean,
                        "dep_delay_min",
                        "flights",
                        "origin",
                        null,
                        7_200_000L,
                        null,
                        new Clip(-10, 180),
                        3));
    }

    @Test
    void operationsAreReadInFull() {
        assertThat(file.train().rowsDays()).isNull();
        assertThat(file.train().parameters())
                .containsEntry("learning-rate", Json.tree(0.1))
                .containsEntry("trees", Json.tree(100));
        assertThat(file.gates().require())
                .containsExactly(
                        new Gate(Kind.atLeast, "roc_auc", 0.62, null, 0.95, 0, null),
                        new Gate(Kind.betterThan, "log_loss", null, "baseline", 0.5, 0, null),
                        new Gate(Kind.betterThan, "log_loss", null, "champion", 0.95, 0, null),
                        new Gate(Kind.notWorseThan, "log_loss", null, "champion", 0.95, 0.03, "origin"),
                        new Gate(Kind.reviewAbove, "roc_auc", 0.05, "champion", 0.95, 0, null),
                        new Gate(Kind.cost, "cpu_per_row", 50.0, null, 0.95, 0, null));
        assertThat(file.rollout())
                .isEqualTo(new Rollout(
                        2,
                        List.of(new Rollout.Canary(0.10, 3), new Rollout.Canary(0.50, 1)),
                        new Rollout.StopOn(0.25, "log_loss", 0, 0.01),
                        604_800_000));
        assertThat(file.monitor())
                .isEqualTo(
                        new Monitor(new Monitor.Drift(28, 0.1, 365), new Monitor.Performance(14, "log_loss", 0.03), 7));
        assertThat(file.retrain())
                .isEqualTo(new Retrain(DayOfWeek.MONDAY, "06:00", List.of("performance"), 432_000_000, 3));
    }

    @Test
    void theRecordsSurviveJson() {
        assertThat(Json.convert(Json.tree(file), LifecycleFile.class)).isEqualTo(file);
        assertThat(Json.read(Json.canonical(file), LifecycleFile.class).digest())
                .isEqualTo(file.digest());
    }
}
