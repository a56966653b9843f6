package dev.perennial.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DriftTestTest {
    private static final DriftTest.Settings SETTINGS = DriftTest.Settings.DEFAULT;

    private static double[] normal(Random random, int n, double shift) {
        return random.doubles(n).map(u -> shift + random.nextGaussian()).toArray();
    }

    private static DriftTest.Result numeric(double[] reference, double[] current) {
        Bins bins = Bins.anchored(reference);
        return DriftTest.judge(
                DriftTest.Scale.ORDERED,
                NumericState.of(bins, reference).counts(),
                NumericState.of(bins, current).counts(),
                SETTINGS);
    }

    @Test
    void oneOutlierInTheReferenceChangesNothing() {
        Random random = new Random(4);
        double[] reference = normal(random, 2001, 0);
        double[] current = normal(random, 2000, 1);
        DriftTest.Result clean = numeric(reference, current);
        reference[7] = 1e6;
        DriftTest.Result withOutlier = numeric(reference, current);
        assertThat(withOutlier.status()).isEqualTo(DriftStatus.DRIFT);
        assertThat(withOutlier.score()).isCloseTo(clean.score(), within(0.05 * clean.score()));
    }

    @Test
    void hugeOutlierKeepsTheDistanceOfDistributions() {
        Random random = new Random(5);
        double[] reference = normal(random, 20_001, 0);
        double[] current = normal(random, 20_000, 2);
        reference[0] = 1e9;
        Bins bins = Bins.anchored(reference);
        Interval d = KolmogorovSmirnov.boundsFromBins(
                BinScores.doubles(NumericState.of(bins, reference).counts()),
                BinScores.doubles(NumericState.of(bins, current).counts()));
        double exact = KolmogorovSmirnov.statistic(reference, current);
        assertThat(exact).isBetween(d.low() - 1e-12, d.high() + 1e-12);
        assertThat(d.low()).isCloseTo(exact, within(1.0 / 256));
        assertThat(exact).isCloseTo(0.68, within(0.01));
    }

    @Test
    void smallWindowsWithoutDriftAreNotFlagged() {
        Random random = new Random(6);
        double[] reference = normal(random, 5000, 0);
        for (int m : new int[] {50, 100, 200}) {
            int flagged = 0;
            for (int run = 0; run < 400; run++) {
                flagged += numeric(reference, normal(random, m, 0)).status() == DriftStatus.DRIFT ? 1 : 0;
            }
            assertThat(flagged / 400.0).as("m = " + m).isLessThanOrEqualTo(0.07);
        }
    }

    @Test
    void sizeAtTheBoundaryIsNearAlpha() {
        // The population's PSI is exactly the tolerance: a linear tilt over ten bins.
        double[] p = new double[10];
        double[] q = new double[10];
        double low = 0;
        double high = 0.1;
        for (int step = 0; step < 60; step++) {
            double tilt = (low + high) / 2;
            for (int i = 0; i < 10; i++) {
                p[i] = 0.1;
                q[i] = 0.1 + tilt * (i - 4.5) / 4.5;
            }
            if (BinScores.psi(p, q) < 0.1) {
                low = tilt;
            } else {
                high = tilt;
            }
        }
        Random random = new Random(7);
        for (int[] size : new int[][] {{1000, 1000}, {100_000, 200}, {20_000, 5000}}) {
            int rejected = 0;
            int runs = 2000;
            for (int run = 0; run < runs; run++) {
                double psi = BinScores.psi(draw(random, p, size[0]), draw(random, q, size[1]));
                double ne = ToleranceTest.effectiveSize(size[0], size[1]);
                rejected += ToleranceTest.judge(psi, 0.1, ne, 10, 0.05).exceeds() ? 1 : 0;
            }
            assertThat(rejected / (double) runs).as(Arrays.toString(size)).isBetween(0.035, 0.075);
        }
    }

    @Test
    void sameLawOfCategoriesIsFoundEqualAtTheNominalLevel() {
        Random random = new Random(8);
        double[] law = {0.3, 0.25, 0.2, 0.15, 0.1};
        for (int n : new int[] {1000, 5000}) {
            int flagged = 0;
            for (int run = 0; run < 1000; run++) {
                flagged += Contingency.chiSquare(draw(random, law, n), draw(random, law, n))
                                        .p()
                                <= 0.05
                        ? 1
                        : 0;
            }
            assertThat(flagged / 1000.0).isBetween(0.03, 0.07);
        }
    }

    @Test
    void oneUnseenCategoryIsNoDrift() {
        DriftTest.Result result = DriftTest.judge(
                DriftTest.Scale.CATEGORIES, new long[] {600, 400, 0}, new long[] {599, 400, 1}, SETTINGS);
        assertThat(result.status()).isEqualTo(DriftStatus.OK);
        assertThat(result.pEqual()).isGreaterThan(0.05);
    }

    @Test
    void constantColumnHasScoreZero() {
        DriftTest.Result result =
                DriftTest.judge(DriftTest.Scale.CATEGORIES, new long[] {500}, new long[] {100}, SETTINGS);
        assertThat(result.status()).isEqualTo(DriftStatus.OK);
        assertThat(result.score()).isZero();
        assertThat(Contingency.gTest(new double[] {5}, new double[] {7}).p()).isEqualTo(1);
    }

    @Test
    void constantReferenceDriftsWhenOtherValuesCome() {
        double[] reference = new double[1000];
        Arrays.fill(reference, 3);
        double[] current = new double[400];
        Arrays.fill(current, 0, 200, 3);
        Arrays.fill(current, 200, 400, 4);
        Bins bins = Bins.anchored(reference);
        DriftTest.Result result = DriftTest.judge(
                DriftTest.Scale.ORDERED,
                NumericState.of(bins, reference).counts(),
                NumericState.of(bins, current).counts(),
                SETTINGS);
        assertThat(result.status()).isEqualTo(DriftStatus.DRIFT);
    }

    @Test
    void emptySidesAreStatuses() {
        long[] none = new long[3];
        long[] some = {100, 100, 100};
        assertThat(DriftTest.judge(DriftTest.Scale.ORDERED, none, some, SETTINGS)
                        .status())
                .isEqualTo(DriftStatus.NO_REFERENCE);
        assertThat(DriftTest.judge(DriftTest.Scale.ORDERED, some, none, SETTINGS)
                        .status())
                .isEqualTo(DriftStatus.NOT_APPLICABLE);
        assertThat(DriftTest.judge(DriftTest.Scale.ORDERED, some, new long[] {3, 4, 5}, SETTINGS)
                        .status())
                .isEqualTo(DriftStatus.INSUFFICIENT_DATA);
        assertThat(DriftTest.judgeDays(DriftTest.Scale.ORDERED, some, 30, Collections.nCopies(7, some), SETTINGS)
                        .status())
                .isEqualTo(DriftStatus.INSUFFICIENT_DATA);
    }

    @Test
    void zeroInflatedColumnsShowTheirDrift() {
        Random random = new Random(9);
        double[] reference = random.doubles(20_000)
                .map(u -> u < 0.93 ? 0 : Math.ceil(random.nextDouble() * 1000) / 1000)
                .toArray();
        double[] current = random.doubles(5000)
                .map(u -> u < 0.75 ? 0 : Math.ceil(random.nextDouble() * 1000) / 1000)
                .toArray();
        DriftTest.Result result = numeric(reference, current);
        assertThat(result.status()).isEqualTo(DriftStatus.DRIFT);
        assertThat(result.score()).isGreaterThan(0.2);
        Bins bins = Bins.anchored(reference);
        assertThat(NumericState.of(bins, reference).counts()[bins.indexOf(0)])
                .isEqualTo(Arrays.stream(reference).filter(x -> x == 0).count());
    }

    @Test
    void clusteredDaysAreNotDriftOnceTheirVariationIsLearnt() {
        Random random = new Random(10);
        DriftTest.Settings equality = new DriftTest.Settings(0, 0.05);
        int flagged = 0;
        int beyondTolerance = 0;
        int naive = 0;
        int runs = 300;
        for (int run = 0; run < runs; run++) {
            long[] p = pooled(days(random, 90, 0));
            List<long[]> current = days(random, 28, 0);
            flagged += DriftTest.judgeDays(DriftTest.Scale.ORDERED, p, 230, current, equality)
                                    .pTol()
                            <= 0.05
                    ? 1
                    : 0;
            beyondTolerance += DriftTest.judgeDays(DriftTest.Scale.ORDERED, p, 230, current, SETTINGS)
                                    .status()
                            == DriftStatus.DRIFT
                    ? 1
                    : 0;
            naive += DriftTest.judge(DriftTest.Scale.ORDERED, p, pooled(current), equality)
                                    .pTol()
                            <= 0.05
                    ? 1
                    : 0;
        }
        assertThat(naive / (double) runs).isGreaterThan(0.5);
        assertThat(flagged / (double) runs).isLessThanOrEqualTo(0.1);
        assertThat(beyondTolerance).isLessThanOrEqualTo(runs / 100);
    }

    @Test
    void clusteredDaysThatMovedAreDrift() {
        Random random = new Random(11);
        int flagged = 0;
        for (int run = 0; run < 50; run++) {
            long[] p = pooled(days(random, 90, 0));
            DriftTest.Result result =
                    DriftTest.judgeDays(DriftTest.Scale.ORDERED, p, 230, days(random, 28, 1.5), SETTINGS);
            flagged += result.status() == DriftStatus.DRIFT ? 1 : 0;
            assertThat(result.deff()).isBetween(5.0, 80.0);
        }
        assertThat(flagged).isGreaterThanOrEqualTo(48);
    }

    @Test
    void manySmallCategoriesAndDaysOfOneValueAreStillSeen() {
        Random random = new Random(12);
        // Forty categories of 2.5 % each; in the window half of them are gone.
        long[] many = new long[41];
        Arrays.fill(many, 0, 40, 500);
        List<long[]> moved = new ArrayList<>();
        // Each day is one weekday; the window knows only the first three.
        long[] weekdays = {2990, 2990, 2990, 2990, 2990, 2990, 2990};
        List<long[]> balanced = new ArrayList<>();
        List<long[]> early = new ArrayList<>();
        for (int d = 0; d < 28; d++) {
            long[] day = new long[41];
            for (int i = 0; i < 230; i++) {
                day[random.nextInt(20)]++;
            }
            moved.add(day);
            long[] week = new long[7];
            week[d % 7] = 230;
            balanced.add(week);
            long[] start = new long[7];
            start[d % 3] = 230;
            early.add(start);
        }
        assertThat(DriftTest.judgeDays(DriftTest.Scale.CATEGORIES, many, 230, moved, SETTINGS)
                        .status())
                .isEqualTo(DriftStatus.DRIFT);
        for (DriftTest.Scale scale : DriftTest.Scale.values()) {
            assertThat(DriftTest.judgeDays(scale, weekdays, 230, balanced, SETTINGS)
                            .status())
                    .isEqualTo(DriftStatus.OK);
            assertThat(DriftTest.judgeDays(scale, weekdays, 230, early, SETTINGS)
                            .status())
                    .isEqualTo(DriftStatus.DRIFT);
        }
    }

    @Test
    void windowThatIsConstantWithinADayCountsAsItsDays() {
        long[] reference = {1000, 1000, 1000, 1000};
        DriftTest.Result moved = DriftTest.judgeDays(
                DriftTest.Scale.ORDERED, reference, 230, Collections.nCopies(28, new long[] {0, 0, 0, 230}), SETTINGS);
        assertThat(moved.deff()).isEqualTo(230);
        assertThat(moved.status()).isEqualTo(DriftStatus.DRIFT);
        DriftTest.Result constant = DriftTest.judgeDays(
                DriftTest.Scale.CATEGORIES, new long[] {900}, 230, Collections.nCopies(10, new long[] {230}), SETTINGS);
        assertThat(constant.status()).isEqualTo(DriftStatus.OK);
    }

    /** Days whose rows share a mean: intraclass correlation 0.2, 230 rows a day, sixteen bins. */
    private static List<long[]> days(Random random, int count, double shift) {
        List<long[]> days = new ArrayList<>();
        for (int d = 0; d < count; d++) {
            double shared = shift + random.nextGaussian() * Math.sqrt(0.2);
            long[] counts = new long[16];
            for (int i = 0; i < 230; i++) {
                double x = shared + random.nextGaussian() * Math.sqrt(0.8);
                counts[(int) Math.max(0, Math.min(15, 8 + x * 4))]++;
            }
            days.add(counts);
        }
        return days;
    }

    private static long[] pooled(List<long[]> days) {
        long[] sum = new long[days.getFirst().length];
        days.forEach(day -> Arrays.setAll(sum, i -> sum[i] + day[i]));
        return sum;
    }

    private static double[] draw(Random random, double[] law, int n) {
        double[] counts = new double[law.length];
        for (int i = 0; i < n; i++) {
            double u = random.nextDouble();
            int bin = 0;
            while (bin < law.length - 1 && u >= law[bin]) {
                u -= law[bin++];
            }
            counts[bin]++;
        }
        return counts;
    }
}
