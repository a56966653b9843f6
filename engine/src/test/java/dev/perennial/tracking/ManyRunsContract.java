package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Page;
import dev.perennial.tracking.search.SearchRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Among thousands of runs a search starts from an index, and must find the same as by looking at all. Each dialect runs all of it. */
abstract class ManyRunsContract extends TrackingFixture {
    private static final int RUNS = 2600;
    private static final int PAGE = 700;

    private final List<Sample> samples = new ArrayList<>();

    /** A run as the test knows it; {@code accuracy} is null where the run has none. */
    private record Sample(
            String id,
            long startedAt,
            @org.jspecify.annotations.Nullable Double accuracy,
            String rate,
            String team) {
        static Sample of(int i) {
            Double accuracy = i % 5 == 0 ? null : i % 7 == 0 ? (Double) Double.NaN : (Double) (i % 40 / 40.0 - 0.2);
            return new Sample(
                    String.format(Locale.ROOT, "%032x", i * 2_654_435_761L),
                    1000 + i % 300,
                    accuracy,
                    "0." + i % 3 + "x".repeat(i % 3 == 0 ? 150 : 0),
                    i % 200 == 1 ? "rare" : "common");
        }

        boolean number() {
            return accuracy != null && !accuracy.isNaN();
        }

        boolean above(double bound) {
            return number() && accuracy > bound;
        }
    }

    private static final Comparator<Sample> NEWEST =
            Comparator.comparing(Sample::startedAt).reversed().thenComparing(Sample::id);

    private static Comparator<Sample> byAccuracy(boolean ascending) {
        Comparator<Sample> byValue = Comparator.comparingDouble(sample -> sample.number() ? sample.accuracy() : 0);
        return Comparator.<Sample>comparingInt(sample -> sample.accuracy() == null ? 2 : sample.number() ? 0 : 1)
                .thenComparing(ascending ? byValue : byValue.reversed())
                .thenComparing(NEWEST);
    }

    @BeforeEach
    void fill() {
        store.database().writing(tx -> {
            for (int i = 0; i < RUNS; i++) {
                Sample sample = Sample.of(i);
                samples.add(sample);
                long run = RunRows.insert(
                        tx,
                        new RunInfo(
                                sample.id(),
                                Experiment.DEFAULT,
                                "r" + i,
                                "",
                                RunStatus.FINISHED,
                                sample.startedAt(),
                                null,
                                "mlflow-artifacts:/0/" + sample.id(),
                                Stage.ACTIVE));
                RunRows.putParam(tx, run, sample.id(), new KeyValue("rate", sample.rate()));
                RunRows.putTag(tx, run, new KeyValue("team", sample.team()));
                if (sample.accuracy() != null) {
                    MetricIntake.insert(
                            tx,
                            store.database().dialect(),
                            run,
                            List.of(new Metric("acc", sample.accuracy(), 1, 1), new Metric("other", i, 1, 1)));
                }
            }
        });
    }

    private List<String> found(String filter, String order) {
        List<String> ids = new ArrayList<>();
        Optional<String> token = Optional.of("");
        while (token.isPresent()) {
            Page<TrackedRun> page = tracking.search(
                    new SearchRequest(
                            filter, order.isEmpty() ? List.of() : List.of(order), View.ACTIVE_ONLY, PAGE, token.get()),
                    List.of(Experiment.DEFAULT));
            page.items().forEach(run -> ids.add(run.info().id()));
            token = page.next();
        }
        return ids;
    }

    private void assertFinds(String filter, String order, Predicate<Sample> wanted, Comparator<Sample> sorted) {
        assertThat(found(filter, order))
                .as(filter + " by " + order)
                .isEqualTo(samples.stream()
                        .filter(wanted)
                        .sorted(sorted)
                        .map(Sample::id)
                        .toList());
    }

    @Test
    void everySearchFindsWhatLookingAtAllFinds() {
        assertFinds("", "", sample -> true, NEWEST);
        assertFinds("", "metrics.acc DESC", sample -> true, byAccuracy(false));
        assertFinds("", "metrics.acc ASC", sample -> true, byAccuracy(true));
        assertFinds("metrics.acc > 0.3", "", sample -> sample.above(0.3), NEWEST);
        assertFinds("metrics.acc > -9", "metrics.acc", sample -> sample.above(-9), byAccuracy(true));
        assertFinds("metrics.acc > 0.79", "metrics.acc DESC", sample -> sample.above(0.79), byAccuracy(false));
        assertFinds("tags.team = 'rare'", "", sample -> sample.team().equals("rare"), NEWEST);
        assertFinds(
                "tags.team = 'rare' AND metrics.acc > 0",
                "metrics.acc DESC",
                sample -> sample.team().equals("rare") && sample.above(0),
                byAccuracy(false));
        assertFinds("tags.team != 'rare'", "", sample -> !sample.team().equals("rare"), NEWEST);
        assertFinds("params.rate = '0.1'", "", sample -> sample.rate().equals("0.1"), NEWEST);
        assertFinds("tags.team = 'nobody'", "metrics.acc", sample -> false, NEWEST);
        assertFinds("metrics.nothing >= 0", "", sample -> false, NEWEST);
    }

    @Test
    void aValueLongerThanWhatTheIndexHoldsIsComparedWhole() {
        String rate = "0.0" + "x".repeat(150);
        assertFinds("params.rate = '" + rate + "'", "", sample -> sample.rate().equals(rate), NEWEST);
        assertFinds("params.rate = '" + rate + "y'", "", sample -> false, NEWEST);
        assertFinds("params.rate = '" + "0.0" + "x".repeat(97) + "'", "", sample -> false, NEWEST);
    }

    @Test
    void whatWasLoggedJustBeforeCountsInTheNextSearch() {
        Sample first = samples.stream()
                .filter(sample -> sample.accuracy() == null)
                .findFirst()
                .orElseThrow();
        assertThat(found("", "metrics.acc DESC")).element(0).isNotEqualTo(first.id());
        metrics(first.id(), new Metric("acc", 77, 1, 1));
        assertThat(found("", "metrics.acc DESC")).element(0).isEqualTo(first.id());
        assertThat(found("metrics.acc > 76", "")).containsExactly(first.id());
        metrics(first.id(), new Metric("acc", Double.NaN, 2, 2));
        assertThat(found("metrics.acc > 76", "")).isEmpty();
        assertThat(found("", "metrics.acc DESC")).hasSize(RUNS).doesNotHaveDuplicates();
    }

    @Test
    void deletedRunsAreNotFoundByAnyWay() {
        Sample best = samples.stream().min(byAccuracy(false)).orElseThrow();
        tracking.delete(best.id());
        assertThat(found("", "metrics.acc DESC")).hasSize(RUNS - 1).doesNotContain(best.id());
        assertThat(found("metrics.acc > 0.7", "")).doesNotContain(best.id());
        assertThat(found("", "")).hasSize(RUNS - 1).doesNotContain(best.id());
    }

    @Test
    void aPageGoesOnBehindItsTokenWhenTheWayToFindChangesMeanwhile() {
        List<String> before = found("", "metrics.acc DESC");
        SearchRequest first = new SearchRequest("", List.of("metrics.acc DESC"), View.ACTIVE_ONLY, PAGE, null);
        Page<TrackedRun> page = tracking.search(first, List.of(Experiment.DEFAULT));
        List<String> late = before.subList(2 * PAGE, RUNS);
        for (int i = 0; i < 700; i++) {
            tracking.delete(late.get(i));
        }
        Page<TrackedRun> second = tracking.search(
                new SearchRequest(
                        "",
                        List.of("metrics.acc DESC"),
                        View.ACTIVE_ONLY,
                        PAGE,
                        page.next().orElseThrow()),
                List.of(Experiment.DEFAULT));
        assertThat(second.items().stream().map(run -> run.info().id()).toList())
                .isEqualTo(before.subList(PAGE, 2 * PAGE));
    }

    private Page<TrackedRun> jump(String order, long skipped, String token) {
        return tracking.search(
                new SearchRequest("", List.of(order), View.ACTIVE_ONLY, PAGE, token),
                List.of(Experiment.DEFAULT),
                skipped);
    }

    @Test
    void aJumpIntoTheMiddleFindsTheSameRunsAsReadingUpToThere() {
        for (String order : List.of("start_time DESC", "metrics.acc DESC", "metrics.acc ASC", "params.rate")) {
            List<String> all = found("", order);
            for (int skipped : List.of(1, PAGE, RUNS - 100, RUNS)) {
                assertThat(jump(order, skipped, "").items())
                        .as(order + " behind " + skipped)
                        .extracting(run -> run.info().id())
                        .isEqualTo(all.subList(skipped, Math.min(RUNS, skipped + PAGE)));
            }
        }
    }

    @Test
    void readingGoesOnBehindAJumpByTheTokenOfItsPage() {
        List<String> all = found("", "metrics.acc DESC");
        String token = jump("metrics.acc DESC", 300, "").next().orElseThrow();
        assertThat(jump("metrics.acc DESC", 0, token).items())
                .extracting(run -> run.info().id())
                .isEqualTo(all.subList(300 + PAGE, 300 + 2 * PAGE));
        assertThat(jump(
                                "metrics.acc DESC",
                                0,
                                jump("metrics.acc DESC", RUNS - PAGE - 1, "")
                                        .next()
                                        .orElseThrow())
                        .items())
                .extracting(run -> run.info().id())
                .containsExactly(all.getLast());
    }

    @Test
    void countingStopsBehindItsBound() {
        SearchRequest all = new SearchRequest("", List.of(), View.ACTIVE_ONLY, 1, null);
        List<Long> among = List.of(Experiment.DEFAULT);
        assertThat(tracking.count(all, among, RUNS)).isEqualTo(RUNS);
        assertThat(tracking.count(all, among, RUNS - 1)).isEqualTo(RUNS);
        assertThat(tracking.count(all, among, 10)).isEqualTo(11);
    }
}
