package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.tracking.search.SearchRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The latest values of runs that log step after step, wherever somebody looks at them and whether or not somebody looked before. */
abstract class LatestValuesContract extends TrackingFixture {
    static Metric at(long step, String key, double value) {
        return new Metric(key, value, step, step);
    }

    List<Metric> latest(String run) {
        return tracking.get(run).metrics();
    }

    private long count(String filter) {
        return tracking.count(
                new SearchRequest(filter, List.of(), View.ACTIVE_ONLY, 100, null), List.of(Experiment.DEFAULT), 100);
    }

    @Test
    void namesThatANewStepDoesNotLogKeepTheirValues() {
        String run = run("a");
        metrics(run, at(1, "a", 1), at(1, "b", 1));
        metrics(run, at(2, "a", 2), at(2, "b", 2));
        metrics(run, at(3, "a", 3));
        metrics(run, at(4, "c", 4));
        assertThat(latest(run)).containsExactly(at(3, "a", 3), at(2, "b", 2), at(4, "c", 4));
    }

    @Test
    void namesThatOnlyTogetherSpellTheSameAreOthers() {
        String run = run("a");
        metrics(run, at(1, "ab", 1), at(1, "c", 1));
        metrics(run, at(2, "a", 2), at(2, "bc", 2));
        assertThat(latest(run)).containsExactly(at(2, "a", 2), at(1, "ab", 1), at(2, "bc", 2), at(1, "c", 1));
    }

    @Test
    void lookingBetweenStepsChangesNothing() {
        String run = run("a");
        for (int step = 1; step <= 6; step++) {
            metrics(run, at(step, "a", step), at(step, step % 2 == 0 ? "even" : "odd", step));
            if (step % 3 == 0) {
                assertThat(names("metrics.a = " + step)).containsExactly("a");
            }
        }
        assertThat(latest(run)).containsExactly(at(6, "a", 6), at(6, "even", 6), at(5, "odd", 5));
    }

    @Test
    void aLateValueBehindAStepThatNobodyLookedAtIsNotLatest() {
        String run = run("a");
        metrics(run, at(5, "a", 5), at(5, "b", 5));
        metrics(run, at(3, "a", 30), at(3, "late", 3));
        assertThat(latest(run)).containsExactly(at(5, "a", 5), at(5, "b", 5), at(3, "late", 3));
    }

    @Test
    void aBatchOfSeveralStepsFollowsOneOfOneStep() {
        String run = run("a");
        metrics(run, at(1, "a", 1), at(1, "b", 1));
        metrics(run, at(2, "a", 2), at(3, "a", 3), at(2, "c", 2));
        assertThat(latest(run)).containsExactly(at(3, "a", 3), at(1, "b", 1), at(2, "c", 2));
    }

    @Test
    void moreOfTheSameStepJoinsIt() {
        String run = run("a");
        metrics(run, at(1, "a", 1));
        metrics(run, at(1, "b", 7));
        metrics(run, at(1, "a", 9), at(1, "c", Double.NaN));
        assertThat(latest(run)).containsExactly(at(1, "a", 9), at(1, "b", 7), at(1, "c", Double.NaN));
    }

    @Test
    void everyKindOfSearchSeesTheNewestStep() {
        String low = run("low");
        String high = run("high");
        for (int step = 1; step <= 3; step++) {
            metrics(low, at(step, "acc", 0.5 - step * 0.1));
            metrics(high, at(step, "acc", 0.5 + step * 0.1));
        }
        assertThat(names("metrics.acc > 0.75")).containsExactly("high");
        metrics(low, at(4, "acc", 0.9));
        assertThat(names("metrics.acc > 0.85 OR tags.none = 'x'")).containsExactly("low");
        metrics(low, at(5, "acc", 0.1));
        assertThat(names("NOT metrics.acc > 0.3")).containsExactly("low");
        metrics(low, at(6, "acc", 0.95));
        assertThat(names("", "attributes.status ASC", "metrics.acc DESC")).containsExactly("low", "high");
    }

    @Test
    void countingSeesTheNewestStep() {
        String run = run("a");
        metrics(run, at(1, "acc", 0.1));
        assertThat(count("metrics.acc > 0.5")).isZero();
        metrics(run, at(2, "acc", 0.9));
        assertThat(count("metrics.acc > 0.5")).isEqualTo(1);
        metrics(run, at(3, "acc", 0.2));
        assertThat(count("metrics.acc > 0.5 OR metrics.acc < 0")).isZero();
    }

    @Test
    void aPageOfRunsShowsTheNewestStepOfEach() {
        for (int i = 0; i < 5; i++) {
            String run = run("r" + i);
            metrics(run, at(1, "m", i));
            if (i % 2 == 0) {
                metrics(run, at(2, "m", 10 + i), at(2, "n", i));
            }
        }
        run("none");
        List<TrackedRun> found = tracking.search(
                        new SearchRequest("", List.of("attributes.run_name"), View.ACTIVE_ONLY, 100, null),
                        List.of(Experiment.DEFAULT))
                .items();
        assertThat(found)
                .extracting(TrackedRun::metrics)
                .containsExactly(
                        List.of(),
                        List.of(at(2, "m", 10), at(2, "n", 0)),
                        List.of(at(1, "m", 1)),
                        List.of(at(2, "m", 12), at(2, "n", 2)),
                        List.of(at(1, "m", 3)),
                        List.of(at(2, "m", 14), at(2, "n", 4)));
    }

    @Test
    void aBatchThatIsRefusedLeavesTheStepBeforeIt() {
        String run = run("a");
        metrics(run, at(1, "a", 1), at(1, "b", 1));
        pairs(run, Map.of("p", "1"), Map.of());
        Batch refused = new Batch(List.of(at(2, "a", 2)), List.of(new KeyValue("p", "2")), List.of());
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.log(run, refused));
        assertThat(latest(run)).containsExactly(at(1, "a", 1), at(1, "b", 1));
        metrics(run, at(2, "b", 2));
        assertThat(latest(run)).containsExactly(at(1, "a", 1), at(2, "b", 2));
    }

    @Test
    void manyRanksAreCountedByTheDatabaseAtOnce() {
        for (int i = 0; i < 6; i++) {
            int run = i;
            metrics(
                    run("r" + i),
                    IntStream.range(0, 1000).mapToObj(k -> at(1, "m" + k, run)).toArray(Metric[]::new));
        }
        assertThat(names("metrics.m7 > 3", "metrics.m7 DESC")).containsExactly("r5", "r4");
        assertThat(rowsKnownToThePlanner()).isIn(-2L, 6000L);
    }

    private void runsWithRanks(int count) {
        for (int i = 0; i < count; i++) {
            metrics(run("r" + i), at(1, "acc", i), at(1, "loss", -i));
        }
    }

    private long unranked() {
        return store.database()
                .read(sql -> sql.createQuery("select count(*) from run_metric_unranked")
                        .mapTo(Long.class)
                        .one());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6, 7, 8})
    void ranksComeInPiecesOfAnySize(int piece) {
        runsWithRanks(7);
        assertThat(MetricRanks.caughtUp(store.database(), clock, piece)).isTrue();
        assertThat(unranked()).isZero();
        assertThat(names("metrics.acc >= 0", "metrics.loss ASC"))
                .containsExactly("r6", "r5", "r4", "r3", "r2", "r1", "r0");
    }

    @Test
    void aSearchThatWouldRankForTooLongLeavesTheRestToTheNext() {
        runsWithRanks(7);
        AtomicInteger looks = new AtomicInteger();
        InstantSource slow = () -> clock.instant().plusSeconds(15L * looks.getAndIncrement());
        assertThat(MetricRanks.caughtUp(store.database(), slow, 2)).isFalse();
        assertThat(unranked()).isEqualTo(3);
        assertThat(names("metrics.acc > 3", "metrics.acc DESC")).containsExactly("r6", "r5", "r4");
        assertThat(unranked()).isZero();
    }

    /** What the database believes that the table of ranks holds; -2 where it keeps no such figure. */
    private long rowsKnownToThePlanner() {
        return switch (store.database().dialect()) {
            case SQLITE -> -2;
            case POSTGRESQL ->
                store.database()
                        .read(sql -> sql.createQuery(
                                        "select cast(reltuples as bigint) from pg_class where relname = 'run_metric_rank'")
                                .mapTo(Long.class)
                                .one());
        };
    }
}
