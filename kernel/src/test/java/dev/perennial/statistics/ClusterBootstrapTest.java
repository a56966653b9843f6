package dev.perennial.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClusterBootstrapTest {
    private static final double[] SUMS = {3, 8, 2, 9, 4, 7, 5, 6, 1, 10};
    private static final double[] WEIGHTS = {10, 12, 9, 14, 10, 11, 10, 13, 8, 15};

    @Test
    void repeatsForTheSameSeedAndDiffersForAnother() {
        Interval first = ClusterBootstrap.ratio(SUMS, WEIGHTS, 7, 2000, 0.95);
        assertThat(first).isEqualTo(ClusterBootstrap.ratio(SUMS, WEIGHTS, 7, 2000, 0.95));
        assertThat(first).isNotEqualTo(ClusterBootstrap.ratio(SUMS, WEIGHTS, 8, 2000, 0.95));
        assertThat(first.estimate()).isCloseTo(55.0 / 112, within(1e-12));
        assertThat(first.clusters()).isEqualTo(10);
    }

    @Test
    void ofAnyStatisticEqualsTheRatioWhenItIsTheRatio() {
        Interval ratio = ClusterBootstrap.ratio(SUMS, WEIGHTS, 7, 2000, 0.9);
        Interval same = ClusterBootstrap.statistic(
                10,
                draw -> {
                    double sum = 0;
                    double weight = 0;
                    for (int i = 0; i < draw.length; i++) {
                        sum += draw[i] * SUMS[i];
                        weight += draw[i] * WEIGHTS[i];
                    }
                    return sum / weight;
                },
                7,
                2000,
                0.9);
        assertThat(same.low()).isCloseTo(ratio.low(), within(1e-12));
        assertThat(same.high()).isCloseTo(ratio.high(), within(1e-12));
    }

    @Test
    void saysNothingFromOneClusterOrNoWeight() {
        assertThat(ClusterBootstrap.ratio(new double[] {3}, new double[] {4}, 1, 100, 0.95)
                        .high())
                .isInfinite();
        assertThat(ClusterBootstrap.ratio(new double[2], new double[2], 1, 100, 0.95)
                        .isDefined())
                .isFalse();
        assertThat(ClusterBootstrap.ratio(new double[0], new double[0], 1, 100, 0.95)
                        .isDefined())
                .isFalse();
    }

    @Test
    void coversTheTruthWithFewClustersWhenStudentized() {
        int runs = 600;
        int covered = 0;
        int coveredByT = 0;
        Random random = new Random(1);
        for (int run = 0; run < runs; run++) {
            double[] sums = new double[12];
            double[] weights = new double[12];
            for (int i = 0; i < 12; i++) {
                weights[i] = 150 + random.nextInt(100);
                sums[i] = weights[i] * (0.2 + 0.05 * random.nextGaussian());
            }
            Interval t = ClusterBootstrap.studentized(sums, weights, run, 800, 0.95);
            covered += t.low() <= 0.2 && 0.2 <= t.high() ? 1 : 0;
            Interval plain = ClusterBootstrap.tInterval(sums, weights, 0.95);
            coveredByT += plain.low() <= 0.2 && 0.2 <= plain.high() ? 1 : 0;
        }
        assertThat(covered / (double) runs).isBetween(0.925, 0.975);
        assertThat(coveredByT / (double) runs).isBetween(0.925, 0.975);
    }

    @Test
    void designEffectFindsTheCorrelationThatWasPutIn() {
        Random random = new Random(2);
        int clusters = 400;
        int size = 50;
        double rho = 0.1;
        double[] sums = new double[clusters];
        double[] squares = new double[clusters];
        long[] rows = new long[clusters];
        Arrays.fill(rows, size);
        for (int c = 0; c < clusters; c++) {
            double shared = random.nextGaussian() * Math.sqrt(rho);
            for (int i = 0; i < size; i++) {
                double x = shared + random.nextGaussian() * Math.sqrt(1 - rho);
                sums[c] += x;
                squares[c] += x * x;
            }
        }
        DesignEffect effect = DesignEffect.of(sums, squares, rows);
        assertThat(effect.rho()).isCloseTo(rho, within(0.02));
        assertThat(effect.deff()).isCloseTo(1 + 49 * rho, within(1.0));
        assertThat(effect.meanClusterSize()).isEqualTo(50);
        assertThat(effect.forClusterSize(11)).isCloseTo(1 + 10 * effect.rho(), within(1e-12));
    }

    @Test
    void designEffectIsOneWithoutSpread() {
        assertThat(DesignEffect.of(new double[3], new double[3], new long[] {5, 5, 5})
                        .deff())
                .isEqualTo(1);
        assertThat(DesignEffect.of(new double[0], new double[0], new long[0]).deff())
                .isEqualTo(1);
    }

    @Test
    void confidenceSequenceHoldsAtAllLooksAtOnce() {
        Random random = new Random(3);
        int runs = 1000;
        int left = 0;
        for (int run = 0; run < runs; run++) {
            double sum = 0;
            for (int n = 1; n <= 2000; n++) {
                sum += random.nextGaussian();
                if (Math.abs(sum / n) > ConfidenceSequence.radius(1, n, 0.05, 0.15)) {
                    left++;
                    break;
                }
            }
        }
        assertThat(left / (double) runs).isLessThan(0.055);
    }
}
