package dev.perennial.worker.data;

import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.ContractRule.OnBreach;
import dev.perennial.lifecycle.file.Features;
import dev.perennial.lifecycle.file.Features.Aggregate;
import dev.perennial.lifecycle.file.Features.Clip;
import dev.perennial.lifecycle.file.Features.Days;
import dev.perennial.lifecycle.file.Features.Latest;
import dev.perennial.lifecycle.file.Features.Output;
import dev.perennial.lifecycle.file.Features.Prior;
import dev.perennial.lifecycle.file.Features.Sum;
import dev.perennial.lifecycle.file.Features.Term;
import dev.perennial.lifecycle.file.Features.Window;
import dev.perennial.lifecycle.file.Gates;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.LifecycleFile.Predict;
import dev.perennial.lifecycle.file.LifecycleFile.Risk;
import dev.perennial.lifecycle.file.Monitor;
import dev.perennial.lifecycle.file.Retrain;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.lifecycle.file.Source;
import dev.perennial.lifecycle.file.Source.KnownAt;
import dev.perennial.lifecycle.file.Train;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The flight example as records. */
final class FlightDelay {
    static final Path DATA = Path.of(System.getProperty("perennial.root", ".."), "examples/flight-delay/data")
            .toAbsolutePath()
            .normalize();
    static final List<String> AHEAD = List.of(
            "flight_id",
            "event_time",
            "flight_date",
            "local_hour",
            "local_minute",
            "day_of_week",
            "month",
            "carrier",
            "flight_number",
            "tail_number",
            "origin",
            "dest",
            "distance_mi",
            "scheduled_minutes",
            "scheduled_arrival");

    private FlightDelay() {}

    static LifecycleFile file() {
        return with(
                Map.of(
                        "flights",
                        flights(DATA.resolve("flights.parquet")),
                        "weather",
                        weather(DATA.resolve("weather.parquet"))),
                features());
    }

    static LifecycleFile with(Map<String, Source> sources, Features features) {
        return with(sources, features, contract());
    }

    static LifecycleFile with(Map<String, Source> sources, Features features, List<ContractRule> contract) {
        return new LifecycleFile(
                "flight-delay",
                "Late?",
                "flight-operations",
                Risk.limited,
                "America/New_York",
                sources,
                new Predict("flights", "late", hours(2)),
                contract,
                features,
                new Train("gradient-boosting", Map.of(), null, null, 1, 0),
                new Gates(14, "day", 0.8, List.of()),
                new Rollout(2, List.of(), new Rollout.StopOn(0.25, "log_loss", 0, 0.01), 0),
                new Monitor(new Monitor.Drift(28, 0.1, 365), new Monitor.Performance(14, "log_loss", 0.03), 1),
                new Retrain(null, "06:00", List.of(), 0, 3));
    }

    static Source flights(Path path) {
        return new Source(
                path.toString(),
                null,
                List.of("flight_id"),
                "event_time",
                new Source.Sample("flight_id", 4),
                AHEAD,
                Map.of(
                        "late",
                        new KnownAt("label_time", null, 0),
                        "dep_delay_min",
                        new KnownAt(
                                "event_time",
                                "dep_delay_min",
                                Duration.ofMinutes(10).toMillis())));
    }

    static Source weather(Path path) {
        return new Source(
                path.toString(),
                null,
                List.of("origin", "hour_utc"),
                "observed_at",
                null,
                List.of(),
                Map.of(Source.EVERY_COLUMN, new KnownAt("available_at", null, 0)));
    }

    /** The same source with another known-at for one column. */
    static Source knownAt(Source source, String column, KnownAt at) {
        Map<String, KnownAt> known = new HashMap<>(source.knownAt());
        known.put(column, at);
        return new Source(
                source.path(),
                source.csv(),
                source.key(),
                source.eventTime(),
                source.sample(),
                source.knownAhead(),
                known);
    }

    static List<ContractRule> contract() {
        return List.of(
                new ContractRule(
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
                        OnBreach.warn),
                bounds("flights", "distance_mi", "integer", 10.0, 6000.0, true, OnBreach.warn),
                new ContractRule(
                        "flights",
                        "carrier",
                        "string",
                        null,
                        null,
                        null,
                        true,
                        null,
                        null,
                        true,
                        false,
                        null,
                        null,
                        OnBreach.warn),
                new ContractRule(
                        "flights",
                        "origin",
                        "string",
                        null,
                        null,
                        null,
                        true,
                        null,
                        List.of("EWR", "JFK", "LGA"),
                        false,
                        false,
                        null,
                        null,
                        OnBreach.warn),
                new ContractRule(
                        "flights",
                        "dest",
                        "string",
                        null,
                        null,
                        null,
                        true,
                        null,
                        null,
                        true,
                        false,
                        null,
                        null,
                        OnBreach.warn),
                bounds("weather", "wind_speed_mph", "number", 0.0, 150.0, false, OnBreach.quarantine),
                bounds("weather", "temp_f", "number", -40.0, 130.0, false, OnBreach.warn),
                bounds("weather", "visibility_mi", "number", 0.0, 10.0, false, OnBreach.warn),
                missing("pressure_mb", "millibar", 0.9),
                missing("wind_dir_deg", "degree", 0.25),
                new ContractRule(
                        "weather",
                        null,
                        null,
                        null,
                        null,
                        null,
                        false,
                        null,
                        null,
                        false,
                        false,
                        null,
                        hours(6),
                        OnBreach.excludeDay));
    }

    private static ContractRule missing(String column, String unit, double most) {
        return new ContractRule(
                "weather",
                column,
                "number",
                unit,
                null,
                null,
                false,
                most,
                null,
                false,
                false,
                null,
                null,
                OnBreach.warn);
    }

    private static ContractRule bounds(
            String source, String column, String type, double min, double max, boolean required, OnBreach breach) {
        return new ContractRule(
                source, column, type, null, min, max, required, null, null, false, false, null, null, breach);
    }

    static Features features() {
        List<Output> weather = List.of(
                        "temp_f",
                        "dewpoint_f",
                        "humidity_pct",
                        "wind_dir_deg",
                        "wind_speed_mph",
                        "wind_gust_mph",
                        "precip_in",
                        "pressure_mb",
                        "visibility_mi")
                .stream()
                .map(column -> new Output(column, column))
                .toList();
        return new Features(
                List.of("carrier", "origin", "dest", "day_of_week", "distance_mi"),
                List.of(new Sum("sched_min_of_day", List.of(new Term("local_hour", 60), new Term("local_minute", 1)))),
                List.of(
                        new Latest(weather, "weather", "origin", hours(6), Map.of("wind_gust_mph", 0.0)),
                        new Latest(
                                List.of(new Output("dep_delay_min", "prev_dep_delay")),
                                "flights",
                                "tail_number",
                                hours(16),
                                Map.of())),
                List.of(
                        late("origin_late_1d", "origin", 1),
                        late("origin_late_7d", "origin", 7),
                        late("carrier_late_7d", "carrier", 7),
                        late("dest_late_7d", "dest", 7),
                        new Window(
                                "origin_dep_delay_2h",
                                Aggregate.mean,
                                "dep_delay_min",
                                "flights",
                                "origin",
                                null,
                                hours(2),
                                null,
                                new Clip(-10, 180),
                                3)));
    }

    private static Window late(String as, String by, int days) {
        return new Window(
                as,
                Aggregate.share,
                "late",
                "flights",
                by,
                new Days(days, "06:00"),
                null,
                new Prior(0.24, 20),
                null,
                1);
    }

    static long hours(int hours) {
        return Duration.ofHours(hours).toMillis();
    }
}
