package dev.perennial.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.kernel.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StatesTest {
    @Test
    void momentsMergeWithoutCancellation() {
        Random random = new Random(1);
        double[] values = random.doubles(10_000).map(u -> 1e9 + u).toArray();
        Moments merged = Moments.EMPTY;
        for (int from = 0; from < values.length; from += 37) {
            merged = merged.merge(Moments.of(values, from, Math.min(values.length, from + 37)));
        }
        assertThat(merged.variance()).isCloseTo(1.0 / 12, within(0.005));
        assertThat(merged.m2()).isCloseTo(Moments.of(values).m2(), within(1e-6 * merged.m2()));
        assertThat(merged.count()).isEqualTo(10_000);
    }

    @Test
    void statesAddUpInAnyOrderAndSurviveJson() {
        Random random = new Random(2);
        double[] reference = random.doubles(3000).map(u -> Math.exp(4 * u)).toArray();
        Bins bins = Bins.anchored(reference);
        List<NumericState> parts = new ArrayList<>();
        double[] all = new double[5000];
        for (int i = 0; i < all.length; i++) {
            all[i] = switch (random.nextInt(20)) {
                case 0 -> Double.NaN;
                case 1 -> Double.POSITIVE_INFINITY;
                case 2 -> Double.NEGATIVE_INFINITY;
                case 3 -> 0;
                default -> random.nextGaussian() * 20;
            };
        }
        for (int from = 0; from < all.length; from += 411) {
            parts.add(NumericState.of(bins, Arrays.copyOfRange(all, from, Math.min(all.length, from + 411))));
        }
        Collections.shuffle(parts, random);
        NumericState sum = parts.stream().reduce(NumericState.empty(bins.size()), NumericState::merge);
        NumericState whole = NumericState.of(bins, all);
        assertThat(sum.counts()).isEqualTo(whole.counts());
        assertThat(sum.missing())
                .isEqualTo(Arrays.stream(all).filter(Double::isNaN).count());
        assertThat(sum.negatives())
                .isEqualTo(Arrays.stream(all).filter(x -> x < 0 && x > -1e300).count());
        assertThat(sum.zeros()).isEqualTo(Arrays.stream(all).filter(x -> x == 0).count());
        assertThat(sum.rows())
                .isEqualTo(sum.values() + sum.missing() + sum.positiveInfinity() + sum.negativeInfinity());
        assertThat(sum.moments().mean()).isCloseTo(whole.moments().mean(), within(1e-9));
        NumericState read = Json.read(Json.write(sum), NumericState.class);
        assertThat(Json.canonical(read)).isEqualTo(Json.canonical(sum));
    }

    @Test
    void lookupEqualsTheDefinitionForEveryKindOfEdges() {
        Random random = new Random(3);
        for (int run = 0; run < 200; run++) {
            double scale = Math.pow(10, random.nextInt(40) - 20);
            double[] edges = random.doubles(1 + random.nextInt(300))
                    .map(u -> (random.nextInt(10) == 0 ? 1e6 : 1) * (u - 0.5) * scale)
                    .sorted()
                    .distinct()
                    .toArray();
            Bins bins = Bins.ofEdges(edges);
            for (double edge : edges) {
                for (double x : new double[] {edge, Math.nextUp(edge), Math.nextDown(edge), edge * 1.01, -edge}) {
                    assertThat(bins.indexOf(x)).isEqualTo(Ranks.below(edges, x));
                }
            }
            assertThat(bins.indexOf(Double.NEGATIVE_INFINITY)).isZero();
            assertThat(bins.indexOf(Double.POSITIVE_INFINITY)).isEqualTo(edges.length);
        }
    }

    @Test
    void fewDistinctValuesGetABinEach() {
        Bins bins = Bins.anchored(new double[] {3, 1, 2, 2, 3, -0.0, 0.0});
        long[] counts = NumericState.of(bins, 0, 1, 2, 2, 3, 2.5, -7, 99).counts();
        assertThat(counts[bins.indexOf(2)]).isEqualTo(2);
        assertThat(counts[bins.indexOf(0)]).isEqualTo(1);
        assertThat(counts[bins.indexOf(2.5)]).isEqualTo(1);
        assertThat(bins.isPoint(bins.indexOf(2))).isTrue();
        assertThat(bins.isPoint(bins.indexOf(2.5))).isFalse();
        assertThat(Bins.anchored(new double[0]).size()).isEqualTo(1);
    }

    @Test
    void coarseGroupsHoldEqualMassAndHeavyBinsStandAlone() {
        long[] equal = new long[256];
        Arrays.fill(equal, 10);
        double[] folded = CoarseBins.adjacent(equal, 10).fold(equal);
        assertThat(folded).hasSize(10);
        for (double mass : folded) {
            assertThat(mass).isBetween(240.0, 270.0);
        }
        long[] zeroInflated = new long[31];
        Arrays.fill(zeroInflated, 10);
        zeroInflated[1] = 2000;
        zeroInflated[0] = 0;
        CoarseBins coarse = CoarseBins.adjacent(zeroInflated, 10);
        assertThat(coarse.fold(zeroInflated)[coarse.groupOf(1)]).isEqualTo(2000);
        assertThat(coarse.groups()).isBetween(8, 12);
    }

    @Test
    void clusterAucIsExactUpToItsBound() {
        Random random = new Random(4);
        List<int[]> positives = new ArrayList<>();
        List<int[]> negatives = new ArrayList<>();
        List<Boolean> labels = new ArrayList<>();
        List<Double> scores = new ArrayList<>();
        for (int c = 0; c < 12; c++) {
            List<Integer> high = new ArrayList<>();
            List<Integer> low = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                boolean label = random.nextInt(4) == 0;
                double score = Math.min(0.999999, Math.max(0, 0.4 + 0.15 * random.nextGaussian() + (label ? 0.1 : 0)));
                labels.add(label);
                scores.add(score);
                (label ? high : low).addAll(List.of((int) (score * 1000), 1));
            }
            positives.add(high.stream().mapToInt(Integer::intValue).toArray());
            negatives.add(low.stream().mapToInt(Integer::intValue).toArray());
        }
        boolean[] y = new boolean[labels.size()];
        for (int i = 0; i < y.length; i++) {
            y[i] = labels.get(i);
        }
        double exact = RocAuc.of(
                        y, scores.stream().mapToDouble(Double::doubleValue).toArray())
                .value();
        ClusterAuc binned = ClusterAuc.of(positives, negatives);
        assertThat(binned.auc().value()).isCloseTo(exact, within(binned.bound() + 1e-12));
        assertThat(binned.bound()).isLessThan(0.01);
        Interval interval = binned.interval(1, 2000, 0.95);
        assertThat(exact).isBetween(interval.low(), interval.high());
        assertThat(binned.minus(binned, 1, 200, 0.95).high()).isZero();
    }

    @Test
    void errorFreeStartDoesNotAlarmOnTheFirstError() {
        ErrorDrift.Rate detector = ErrorDrift.Rate.guarded();
        for (int i = 0; i < 5000; i++) {
            assertThat(detector.update(false)).isEqualTo(ErrorDrift.Level.STABLE);
        }
        assertThat(detector.update(true)).isEqualTo(ErrorDrift.Level.STABLE);
    }

    @Test
    void scaleOfTheUnitDoesNotChangeTheNormalisedEnergy() {
        double[] x = {2.1, 3.4, 1.9, 5.6, 4.4};
        double[] y = {3.9, 6.6, 5.1, 7.2};
        double[] x1000 = Arrays.stream(x).map(v -> v * 1000).toArray();
        double[] y1000 = Arrays.stream(y).map(v -> v * 1000).toArray();
        assertThat(SampleDistances.energyNormalised(x1000, y1000).value())
                .isCloseTo(SampleDistances.energyNormalised(x, y).value(), within(1e-9));
    }
}
