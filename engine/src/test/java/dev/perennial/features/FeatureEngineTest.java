package dev.perennial.features;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.ContractRule.OnBreach;
import dev.perennial.lifecycle.file.Features;
import dev.perennial.lifecycle.file.Features.Aggregate;
import dev.perennial.lifecycle.file.Features.Clip;
import dev.perennial.lifecycle.file.Features.Days;
import dev.perennial.lifecycle.file.Features.Latest;
import dev.perennial.lifecycle.file.Features.Output;
import dev.perennial.lifecycle.file.Features.Prior;
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
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FeatureEngineTest {
    private static final ZoneId ZONE = ZoneId.of("America/New_York");
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final RowShape SENSOR =
            new RowShape("sensor", List.of("id", "place", "heat", "wind"), List.of("id"));
    private static final RowShape CASE = new RowShape("cases", List.of("id", "place", "bad", "delay"), List.of("id"));

    @Test
    void theNewestKnownRowIsFoundUpToItsAgeLimitInclusive() {
        FeatureEngine engine = engine(latest("heat", Map.of()));
        engine.arrive(sensor("a", 10.0), Set.of("heat"), HOUR);
        engine.arrive(sensor("b", 20.0), Set.of("heat"), 2 * HOUR);

        assertThat(at(engine, 2 * HOUR - 1)).isEqualTo(10.0);
        assertThat(at(engine, 2 * HOUR)).isEqualTo(20.0);
        assertThat(at(engine, 8 * HOUR)).isEqualTo(20.0);
        assertThat(at(engine, 8 * HOUR + 1)).isNull();
    }

    @Test
    void equalKnownTimesAreDecidedByEventTimeThenKeyWhateverArrivesFirst() {
        FeatureEngine engine = engine(latest("heat", Map.of()));
        engine.arrive(row(SENSOR, 5, "z", "north", 3.0, 1.0), Set.of("heat"), HOUR);
        engine.arrive(row(SENSOR, 5, "b", "north", 2.0, 1.0), Set.of("heat"), HOUR);
        engine.arrive(row(SENSOR, 4, "zz", "north", 1.0, 1.0), Set.of("heat"), HOUR);

        assertThat(at(engine, HOUR)).isEqualTo(3.0);
    }

    @Test
    void aReportedNullStaysNullUnlessReplaced() {
        FeatureEngine plain = engine(latest("heat", Map.of()));
        FeatureEngine replacing = engine(latest("heat", Map.of("heat", 7.0)));
        for (FeatureEngine engine : List.of(plain, replacing)) {
            engine.arrive(sensor("a", 10.0), Set.of("heat"), HOUR);
            engine.arrive(sensor("b", null), Set.of("heat"), 2 * HOUR);
        }

        assertThat(at(plain, 3 * HOUR)).isNull();
        assertThat(at(replacing, 3 * HOUR)).isEqualTo(7.0);
        assertThat(at(replacing, 20 * HOUR)).isNull();
    }

    @Test
    void aNullThatHasNotHappenedYetIsNoCandidate() {
        FeatureEngine engine = engine(new Features(
                List.of(),
                List.of(),
                List.of(new Latest(List.of(new Output("delay", "last_delay")), "cases", "place", 6 * HOUR, Map.of())),
                List.of()));
        engine.arrive(row(CASE, 0, "a", "north", null, 4.0), Set.of("delay"), HOUR);
        engine.arrive(row(CASE, 0, "b", "north", null, null), Set.of("delay"), 2 * HOUR);

        assertThat(at(engine, 3 * HOUR)).isEqualTo(4.0);
    }

    @Test
    void rowsInBreachOfAQuarantineRuleAreNoCandidates() {
        FeatureEngine engine = engine(latest("heat", Map.of()));
        engine.arrive(row(SENSOR, 0, "a", "north", 10.0, 10.0), Set.of("heat", "wind"), HOUR);
        engine.arrive(row(SENSOR, 0, "b", "north", 20.0, 151.0), Set.of("heat", "wind"), 2 * HOUR);

        assertThat(at(engine, 3 * HOUR)).isEqualTo(10.0);
    }

    @Test
    void aSlidingWindowIsOpenAtItsStartAndClosedAtItsEnd() {
        FeatureEngine engine = engine(mean(2 * HOUR, 2, new Clip(-10, 100)));
        engine.arrive(row(CASE, 0, "a", "north", null, 1000.0), Set.of("delay"), HOUR);
        engine.arrive(row(CASE, 0, "b", "north", null, 50.0), Set.of("delay"), 2 * HOUR);
        engine.arrive(row(CASE, 0, "c", "south", null, 1.0), Set.of("delay"), 2 * HOUR);

        assertThat(at(engine, 2 * HOUR)).isEqualTo(75.0);
        assertThat(at(engine, 3 * HOUR - 1)).isEqualTo(75.0);
        assertThat(at(engine, 3 * HOUR)).isNull();
    }

    @Test
    void lateArrivalsFindTheirPlaceAndTheFutureIsNotSeen() {
        FeatureEngine engine = engine(mean(10 * HOUR, 1, null));
        engine.arrive(row(CASE, 0, "a", "north", null, 4.0), Set.of("delay"), 5 * HOUR);
        engine.arrive(row(CASE, 0, "b", "north", null, 2.0), Set.of("delay"), 4 * HOUR);

        assertThat(at(engine, 4 * HOUR)).isEqualTo(2.0);
        assertThat(at(engine, 5 * HOUR)).isEqualTo(3.0);
    }

    @Test
    void daysCountFromTheirPublicationAndLateValuesAreLeftOut() {
        FeatureEngine engine = engine(share(1));
        engine.arrive(bad("a", "north", 1.0, local(1, 12)), Set.of("bad"), local(2, 5));
        engine.arrive(bad("b", "north", 0.0, local(1, 13)), Set.of("bad"), local(2, 6));
        engine.arrive(bad("c", "north", 1.0, local(1, 14)), Set.of("bad"), local(2, 6) + 1);

        assertThat(at(engine, local(2, 6) - 1)).as("nothing is published yet").isNull();
        assertThat(at(engine, local(2, 6))).isEqualTo((double) (float) ((1 + 20 * 0.25) / 22));
        assertThat(at(engine, local(3, 6)))
                .as("a day without rows gives the prior")
                .isEqualTo(0.25);
        assertThat(engine.featuresAt(row(CASE, 0, "x", "east", null, null), local(2, 7)))
                .containsExactly(0.25);
        assertThat(engine.featuresAt(row(CASE, 0, "x", null, null, null), local(2, 7)))
                .containsExactly((Object) null);
    }

    @Test
    void publicationFollowsTheLocalClockWhenItChanges() {
        PublishedDays days = new PublishedDays(ZONE, java.time.LocalTime.of(6, 0));
        long ninth =
                LocalDateTime.parse("2013-03-09T12:00").atZone(ZONE).toInstant().toEpochMilli();
        long tenth =
                LocalDateTime.parse("2013-03-10T12:00").atZone(ZONE).toInstant().toEpochMilli();

        assertThat(days.publication(days.dayOf(tenth)) - days.publication(days.dayOf(ninth)))
                .isEqualTo(24 * HOUR);
        assertThat(days.publication(days.dayOf(ninth)) - days.publication(days.dayOf(ninth) - 1))
                .isEqualTo(23 * HOUR);
        assertThat(days.lastPublished(days.publication(days.dayOf(ninth)) - 1)).isEqualTo(days.dayOf(ninth) - 1);
    }

    @Test
    void memoryHoldsTheWindowAlone() {
        FeatureEngine engine = engine(mean(2 * HOUR, 1, null));
        for (int i = 0; i < 200_000; i++) {
            engine.arrive(row(CASE, 0, "r" + i, "p" + i % 5000, null, 1.0), Set.of("delay"), i * MINUTE);
        }

        assertThat(engine.rowsHeld()).isLessThan(300);
    }

    private static @Nullable Object at(FeatureEngine engine, long t) {
        return engine.featuresAt(row(CASE, 0, "asked", "north", null, null), t)[0];
    }

    private static SourceRow sensor(String id, @Nullable Double heat) {
        return row(SENSOR, 0, id, "north", heat, 1.0);
    }

    private static SourceRow bad(String id, String place, double bad, long event) {
        return row(CASE, event, id, place, bad, null);
    }

    private static SourceRow row(RowShape shape, long event, @Nullable Object... values) {
        return new SourceRow(shape, values, event);
    }

    private static long local(int day, int hour) {
        return LocalDateTime.of(2013, 6, day, hour, 0).atZone(ZONE).toInstant().toEpochMilli();
    }

    private static Features latest(String column, Map<String, Double> whenNull) {
        return new Features(
                List.of(),
                List.of(),
                List.of(new Latest(List.of(new Output(column, column)), "sensor", "place", 6 * HOUR, whenNull)),
                List.of());
    }

    private static Features mean(long over, int atLeast, @Nullable Clip clip) {
        return new Features(
                List.of(),
                List.of(),
                List.of(),
                List.of(new Window(
                        "mean", Aggregate.mean, "delay", "cases", "place", null, over, null, clip, atLeast)));
    }

    private static Features share(int days) {
        return new Features(
                List.of(),
                List.of(),
                List.of(),
                List.of(new Window(
                        "share",
                        Aggregate.share,
                        "bad",
                        "cases",
                        "place",
                        new Days(days, "06:00"),
                        null,
                        new Prior(0.25, 20),
                        null,
                        1)));
    }

    private static FeatureEngine engine(Features features) {
        Source sensor = new Source(
                "sensor.parquet",
                null,
                List.of("id"),
                "at",
                null,
                List.of(),
                Map.of(Source.EVERY_COLUMN, new KnownAt("at", null, 0)));
        Source cases = new Source(
                "cases.parquet",
                null,
                List.of("id"),
                "at",
                null,
                List.of("place"),
                Map.of("bad", new KnownAt("told", null, 0), "delay", new KnownAt("at", "delay", 0)));
        ContractRule wind = new ContractRule(
                "sensor",
                "wind",
                null,
                null,
                null,
                150.0,
                false,
                null,
                null,
                false,
                false,
                null,
                null,
                OnBreach.quarantine);
        return new FeatureEngine(new LifecycleFile(
                "m",
                "t",
                "o",
                Risk.limited,
                ZONE.getId(),
                Map.of("sensor", sensor, "cases", cases),
                new Predict("cases", "bad", HOUR),
                List.of(wind),
                features,
                new Train("gradient-boosting", Map.of(), null, null, 1, 0),
                new Gates(14, "day", 0.8, List.of()),
                new Rollout(0, List.of(), new Rollout.StopOn(0.25, "log_loss", 0, 0.01), 0),
                new Monitor(new Monitor.Drift(28, 0.1, 365), new Monitor.Performance(14, "log_loss", 0.03), 1),
                new Retrain(null, "06:00", List.of(), 0, 3)));
    }
}
