package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of metrics on every dialect, in whatever batches and order they come. Each runs all of it. */
abstract class MetricContract extends TrackingFixture {
    private static final HistoryPage ALL = new HistoryPage(HistoryPage.LIMIT_MAX, null);

    /** The definition of the latest value; NaN counts as a zero that is just above zero. */
    private static final Comparator<Metric> AGE = Comparator.comparingLong(Metric::step)
            .thenComparingLong(Metric::at)
            .thenComparingDouble(metric -> Double.isNaN(metric.value()) ? 0 : metric.value())
            .thenComparing(metric -> Double.isNaN(metric.value()));

    private static List<Metric> keys(int count, long at, long step) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Metric("m" + i, i, at, step))
                .toList();
    }

    private void log(String run, List<Metric> metrics) {
        tracking.log(run, new Batch(metrics, List.of(), List.of()));
    }

    private List<Metric> history(String run, String key) {
        return tracking.history(run, key, ALL).items();
    }

    private List<Metric> latest(String run) {
        return tracking.get(run).metrics();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 9, 49, 50, 51, 57, 58, 59, 99, 107, 999, 1000})
    void aBatchOfAnySizeIsKeptWhole(int count) {
        String run = run("a");
        log(run, keys(count, 5, 0));
        log(run, keys(count, 6, 1));
        log(run, keys(count, 4, 0));
        assertThat(latest(run)).containsExactlyInAnyOrderElementsOf(keys(count, 6, 1));
        String last = "m" + (count - 1);
        assertThat(history(run, last))
                .containsExactly(
                        new Metric(last, count - 1, 4, 0),
                        new Metric(last, count - 1, 5, 0),
                        new Metric(last, count - 1, 6, 1));
    }

    @Test
    void theSameBatchAgainChangesNothing() {
        String run = run("a");
        log(run, keys(20, 5, 1));
        log(run, keys(20, 5, 1));
        assertThat(history(run, "m7")).hasSize(1);
        assertThat(latest(run)).hasSize(20);
    }

    @Test
    void ofOneKeyTwiceInANewMomentTheGreaterCounts() {
        String run = run("a");
        metrics(run, new Metric("m", 3, 1, 1), new Metric("m", 7, 1, 1), new Metric("m", 5, 1, 1));
        assertThat(latest(run)).containsExactly(new Metric("m", 7, 1, 1));
        assertThat(history(run, "m")).hasSize(3);
    }

    @Test
    void anEqualValueTwiceInOneBatchIsKeptOnce() {
        String run = run("a");
        metrics(run, new Metric("m", 3, 1, 1), new Metric("m", 3, 1, 1));
        assertThat(history(run, "m")).containsExactly(new Metric("m", 3, 1, 1));
    }

    @Test
    void moreKeysOfAMomentThatIsThereDoNotDisturbTheFirst() {
        String run = run("a");
        metrics(run, new Metric("a", 1, 5, 5), new Metric("b", 9, 5, 5));
        metrics(run, new Metric("b", 2, 5, 5), new Metric("c", 3, 5, 5));
        assertThat(latest(run))
                .containsExactly(new Metric("a", 1, 5, 5), new Metric("b", 9, 5, 5), new Metric("c", 3, 5, 5));
    }

    @Test
    void aBatchBehindOneKeyButBeforeAnotherReplacesOnlyTheFirst() {
        String run = run("a");
        metrics(run, new Metric("old", 1, 1, 1), new Metric("new", 1, 9, 9));
        metrics(run, new Metric("old", 2, 5, 5), new Metric("new", 2, 5, 5));
        assertThat(latest(run)).containsExactly(new Metric("new", 1, 9, 9), new Metric("old", 2, 5, 5));
    }

    @Test
    void aLaterTimeOfAnEarlierStepIsNotLatest() {
        String run = run("a");
        metrics(run, new Metric("m", 1, 10, 2));
        metrics(run, new Metric("m", 2, 99, 1));
        assertThat(latest(run)).containsExactly(new Metric("m", 1, 10, 2));
    }

    @Test
    void atOneMomentInfinityIsGreatestAndNanStandsWhereZeroStands() {
        String run = run("a");
        metrics(run, new Metric("up", Double.POSITIVE_INFINITY, 1, 1), new Metric("up", Double.MAX_VALUE, 1, 1));
        metrics(run, new Metric("down", Double.NEGATIVE_INFINITY, 1, 1), new Metric("down", -1, 1, 1));
        metrics(run, new Metric("nan", Double.NaN, 1, 1), new Metric("nan", 0, 1, 1));
        metrics(run, new Metric("below", Double.NaN, 1, 1), new Metric("below", 0.5, 1, 1));
        assertThat(latest(run))
                .containsExactly(
                        new Metric("below", 0.5, 1, 1),
                        new Metric("down", -1, 1, 1),
                        new Metric("nan", Double.NaN, 1, 1),
                        new Metric("up", Double.POSITIVE_INFINITY, 1, 1));
    }

    @Test
    void nanComesBackFromHistoryAndLatestWhereverItCame() {
        String run = run("a");
        log(run, keys(60, 1, 1));
        List<Metric> second = new ArrayList<>(keys(60, 2, 2));
        second.set(13, new Metric("m13", Double.NaN, 2, 2));
        log(run, second);
        assertThat(history(run, "m13"))
                .containsExactly(new Metric("m13", 13, 1, 1), new Metric("m13", Double.NaN, 2, 2));
        assertThat(latest(run)).contains(new Metric("m13", Double.NaN, 2, 2), new Metric("m12", 12, 2, 2));
    }

    @Test
    void theExtremesOf64BitsAreOrderedToo() {
        String run = run("a");
        metrics(run, new Metric("m", 1, Long.MAX_VALUE, Long.MAX_VALUE));
        metrics(run, new Metric("m", 2, 0, Long.MIN_VALUE));
        assertThat(latest(run)).containsExactly(new Metric("m", 1, Long.MAX_VALUE, Long.MAX_VALUE));
        assertThat(history(run, "m"))
                .containsExactly(
                        new Metric("m", 2, 0, Long.MIN_VALUE), new Metric("m", 1, Long.MAX_VALUE, Long.MAX_VALUE));
    }

    @Test
    void runsDoNotMix() {
        String first = run("first");
        String second = run("second");
        log(first, keys(10, 9, 9));
        log(second, keys(10, 1, 1));
        assertThat(latest(second)).containsExactlyInAnyOrderElementsOf(keys(10, 1, 1));
        assertThat(history(first, "m3")).containsExactly(new Metric("m3", 3, 9, 9));
    }

    @Test
    void aBatchThatIsRefusedForAParameterLeavesNoMetric() {
        String run = run("a");
        pairs(run, Map.of("p", "1"), Map.of());
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> tracking.log(run, new Batch(keys(10, 1, 1), List.of(new KeyValue("p", "2")), List.of())));
        assertThat(latest(run)).isEmpty();
        assertThat(history(run, "m1")).isEmpty();
        log(run, keys(10, 1, 1));
        assertThat(latest(run)).hasSize(10);
    }

    @Test
    void anyOrderOfAnyBatchesEndsWithTheSameValues() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 12; round++) {
            String run = run("r" + round);
            Set<Metric> logged = new HashSet<>();
            for (int batch = 0; batch < 12; batch++) {
                List<Metric> metrics = someBatch(random);
                log(run, metrics);
                logged.addAll(metrics);
            }
            Map<String, Metric> expected = new HashMap<>();
            logged.forEach(metric -> expected.merge(metric.key(), metric, BinaryOperator.maxBy(AGE)));
            assertThat(latest(run)).as("round " + round).containsExactlyInAnyOrderElementsOf(expected.values());
            for (String key : expected.keySet()) {
                assertThat(history(run, key))
                        .containsExactlyInAnyOrderElementsOf(logged.stream()
                                .filter(metric -> metric.key().equals(key))
                                .toList());
            }
        }
    }

    /** One moment or several, near each other, so that batches meet. */
    private static List<Metric> someBatch(SplittableRandom random) {
        boolean oneMoment = random.nextBoolean();
        long step = random.nextInt(4);
        long at = random.nextInt(3);
        List<Metric> metrics = new ArrayList<>();
        int size = 1 + random.nextInt(70);
        for (int i = 0; i < size; i++) {
            metrics.add(new Metric(
                    "k" + random.nextInt(12),
                    random.nextInt(5) == 0 ? Double.NaN : random.nextInt(4) - 1,
                    oneMoment ? at : random.nextInt(3),
                    oneMoment ? step : random.nextInt(4)));
        }
        return metrics;
    }

    @Test
    void writersOfOneRunAtOnceLoseNothing() throws Exception {
        String run = run("a");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int writer = 0; writer < 8; writer++) {
                int step = writer;
                all.add(threads.submit(() -> log(run, keys(60, step, step))));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(latest(run)).containsExactlyInAnyOrderElementsOf(keys(60, 7, 7));
        assertThat(history(run, "m59")).hasSize(8);
    }

    @Test
    void aHistoryIsTurnedPageByPageWithoutLossAtEqualTimes() {
        String run = run("a");
        List<Metric> metrics = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            metrics.add(new Metric("m", i % 7 == 0 ? Double.NaN : i % 3, i / 25, i % 10));
            metrics.add(new Metric("other", i, i, i));
        }
        log(run, metrics);
        List<Metric> whole = history(run, "m");
        List<Metric> paged = new ArrayList<>();
        String token = "";
        while (token != null) {
            var page = tracking.history(run, "m", new HistoryPage(7, token));
            paged.addAll(page.items());
            token = page.next().orElse(null);
        }
        assertThat(paged).isEqualTo(whole).doesNotHaveDuplicates();
        assertThat(whole)
                .isSortedAccordingTo(Comparator.comparingLong(Metric::at).thenComparingLong(Metric::step));
    }

    @Test
    void aTokenOfAnotherRunOrMetricIsRefused() {
        String run = run("a");
        log(run, keys(3, 1, 1));
        metrics(run, new Metric("m", 1, 1, 1), new Metric("m", 1, 2, 2), new Metric("m", 1, 3, 3));
        String token =
                tracking.history(run, "m", new HistoryPage(1, null)).next().orElseThrow();
        String other = run("b");
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.history(run, "m1", new HistoryPage(1, token)));
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.history(other, "m", new HistoryPage(1, token)));
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.history(run, "m", new HistoryPage(1, token + "A")));
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.history(run, "m", new HistoryPage(1, "%%")));
    }

    @Test
    void anUnknownRunOrMetricHasAnEmptyHistory() {
        assertThat(history("unknown", "m")).isEmpty();
        assertThat(history(run("a"), "m")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, HistoryPage.LIMIT_MAX + 1})
    void aPageOfNoSizeIsRefused(int limit) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> new HistoryPage(limit, null));
    }

    @Test
    void whatAValueWasMeasuredForComesBackWithItsHistory() {
        String run = run("a");
        MetricOrigin model = MetricOrigin.of("m-1", "", null);
        MetricOrigin both = MetricOrigin.of("m-2", "flights", "d1");
        metrics(
                run,
                new Metric("m", 1, 1, 1, model),
                new Metric("m", Double.NaN, 2, 2, both),
                new Metric("m", 3, 3, 3));
        assertThat(history(run, "m"))
                .containsExactly(
                        new Metric("m", 1, 1, 1, model),
                        new Metric("m", Double.NaN, 2, 2, both),
                        new Metric("m", 3, 3, 3));
        assertThat(latest(run)).containsExactly(new Metric("m", 3, 3, 3));
    }

    @Test
    void aValueMeasuredForTwoModelsIsOneValue() {
        String run = run("a");
        metrics(run, new Metric("m", 1, 1, 1, MetricOrigin.of("m-2", null, null)));
        metrics(run, new Metric("m", 1, 1, 1, MetricOrigin.of("m-1", null, null)), new Metric("m", 1, 1, 1));
        assertThat(history(run, "m")).containsExactly(new Metric("m", 1, 1, 1, MetricOrigin.of("m-1", null, null)));
    }

    @Test
    void anOriginOfNothingIsNone() {
        assertThat(MetricOrigin.of("", null, "")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../m", "m 1", "-m", "m/1", "ü"})
    void aModelIdThatIsNoneIsRefused(String model) {
        List<Metric> metrics = List.of(new Metric("m", 1, 1, 1, MetricOrigin.of(model, null, null)));
        assertThatThrownBy(() -> new Batch(metrics, List.of(), List.of()))
                .hasMessageContaining("'metrics[0].model_id'")
                .hasMessageContaining(model);
    }

    @Test
    void namesOfDatasetsHaveTheLengthsThatInputsHave() {
        Metric fits = new Metric("m", 1, 1, 1, MetricOrigin.of(null, "n".repeat(500), "d".repeat(36)));
        assertThat(new Batch(List.of(fits), List.of(), List.of()).metrics()).hasSize(1);
        for (MetricOrigin origin :
                List.of(new MetricOrigin(null, "n".repeat(501), null), new MetricOrigin(null, null, "d".repeat(37)))) {
            List<Metric> metrics = List.of(new Metric("m", 1, 1, 1, origin));
            refused(ErrorCode.INVALID_ARGUMENT, () -> new Batch(metrics, List.of(), List.of()));
        }
    }

    private List<Long> sampledSteps(String run, @Nullable Long from, @Nullable Long to, int steps) {
        List<MetricSample.OfRun> runs = tracking.sample(new MetricSample(List.of(run), "m", from, to, steps));
        assertThat(runs).singleElement().extracting(MetricSample.OfRun::run).isEqualTo(run);
        return runs.getFirst().metrics().stream().map(Metric::step).toList();
    }

    @Test
    void aSampleIsSpreadEvenlyAndKeepsTheFirstAndLastStep() {
        String run = run("a");
        log(
                run,
                IntStream.range(0, 100)
                        .mapToObj(i -> new Metric("m", i, i, i - 50))
                        .toList());
        assertThat(sampledSteps(run, null, null, 5)).containsExactly(-50L, -30L, -10L, 10L, 30L, 49L);
        assertThat(sampledSteps(run, null, null, 1)).containsExactly(-50L, 49L);
        assertThat(sampledSteps(run, null, null, 100)).hasSize(100);
        assertThat(sampledSteps(run, 0L, 9L, 2)).containsExactly(0L, 5L, 9L);
        assertThat(sampledSteps(run, 7L, 7L, 10)).containsExactly(7L);
        assertThat(sampledSteps(run, 1000L, 2000L, 10)).isEmpty();
    }

    @Test
    void runsOfASampleShareTheirSteps() {
        String a = run("a");
        String b = run("b");
        log(
                a,
                IntStream.range(0, 40)
                        .mapToObj(i -> new Metric("m", i, i, 2L * i))
                        .toList());
        log(
                b,
                IntStream.range(0, 40)
                        .mapToObj(i -> new Metric("m", -i, i, 2L * i + 1))
                        .toList());
        List<MetricSample.OfRun> sampled =
                tracking.sample(new MetricSample(List.of(b, "unknown", a, b), "m", null, null, 4));
        assertThat(sampled).extracting(MetricSample.OfRun::run).isSorted().containsExactlyInAnyOrder(a, b);
        assertThat(sampled)
                .filteredOn(of -> of.run().equals(a))
                .flatExtracting(MetricSample.OfRun::metrics)
                .extracting(Metric::step)
                .containsExactly(0L, 20L, 40L, 60L, 78L);
        assertThat(sampled)
                .filteredOn(of -> of.run().equals(b))
                .flatExtracting(MetricSample.OfRun::metrics)
                .extracting(Metric::step)
                .containsExactly(1L, 79L);
    }

    @Test
    void aSampleOfMoreValuesThanAreKeptIsTheSame() {
        String a = run("a");
        String b = run("b");
        log(
                a,
                IntStream.range(0, 300)
                        .mapToObj(i -> new Metric("m", i % 7 == 0 ? Double.NaN : i, 300 - i, i / 2))
                        .toList());
        log(
                b,
                IntStream.range(0, 50)
                        .mapToObj(i -> new Metric("m", i, i, 5L * i))
                        .toList());
        for (MetricSample asked : List.of(
                new MetricSample(List.of(a, b), "m", null, null, 7),
                new MetricSample(List.of(a, b), "m", null, null, 2500),
                new MetricSample(List.of(b, a), "m", 10L, 100L, 3))) {
            assertThat(store.database().<List<MetricSample.OfRun>>read(sql -> asked.read(sql, 349)))
                    .isEqualTo(store.database().<List<MetricSample.OfRun>>read(sql -> asked.read(sql, 350)))
                    .isEqualTo(store.database().<List<MetricSample.OfRun>>read(sql -> asked.read(sql, 1)));
        }
    }

    @Test
    void allValuesOfASampledStepComeByTimeAndValue() {
        String run = run("a");
        metrics(run, new Metric("m", 2, 5, 1), new Metric("m", 1, 5, 1), new Metric("m", 9, 4, 1));
        assertThat(tracking.sample(new MetricSample(List.of(run), "m", null, null, 1)))
                .flatExtracting(MetricSample.OfRun::metrics)
                .containsExactly(new Metric("m", 9, 4, 1), new Metric("m", 1, 5, 1), new Metric("m", 2, 5, 1));
    }

    @Test
    void aSampleIsAskedForWithBothBoundsOrNone() {
        List<String> runs = List.of("a");
        assertThatThrownBy(() -> new MetricSample(runs, "m", 1L, null, 5))
                .hasMessageContaining("both must be specified");
        assertThatThrownBy(() -> new MetricSample(runs, "m", null, 1L, 5))
                .hasMessageContaining("both must be specified");
        assertThatThrownBy(() -> new MetricSample(runs, "m", 2L, 1L, 5))
                .hasMessageContaining("start_step=2 and end_step=1");
        refused(ErrorCode.INVALID_ARGUMENT, () -> new MetricSample(List.of(), "m", null, null, 5));
        refused(ErrorCode.INVALID_ARGUMENT, () -> new MetricSample(runs, "m", null, null, 2501));
        List<String> many = IntStream.range(0, 101).mapToObj(i -> "r" + i).toList();
        refused(ErrorCode.INVALID_ARGUMENT, () -> new MetricSample(many, "m", null, null, 5));
    }
}
