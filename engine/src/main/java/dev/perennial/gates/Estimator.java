package dev.perennial.gates;

import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Metric.Arm;
import dev.perennial.kernel.Digest;
import dev.perennial.statistics.ClusterBootstrap;
import dev.perennial.statistics.DesignEffect;
import dev.perennial.statistics.Interval;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.jspecify.annotations.Nullable;

/**
 * Intervals of metrics and of paired differences. With {@code cluster: day} whole days are drawn; the seed is a hash of candidate,
 * champion, holdout and gate, so that the same question gets the same answer on every machine. With {@code cluster: none} means are
 * taken over independent rows; metrics that are no means are drawn by days even then, which is wider and never less honest.
 *
 * <p>Cost: {@value ClusterBootstrap#REPLICATES} replicates of one pass over the days' sums; for AUC over their histograms.
 */
final class Estimator {
    private final Evaluation evaluation;
    private final boolean byDay;

    Estimator(Evaluation evaluation, String cluster) {
        this.evaluation = evaluation;
        this.byDay = !cluster.equals("none");
    }

    /** The metric of the candidate alone. */
    Estimate level(String gate, Metric metric, List<Cluster> days, double confidence) {
        if (metric.isMean()) {
            double[] squares = array(days, day -> metric.squares(day.candidate()));
            return mean(gate, days, array(days, day -> metric.sum(day.candidate())), squares, confidence);
        }
        return drawn(gate, days, times -> metric.value(days, times, Arm.CANDIDATE), confidence);
    }

    /** The paired difference, candidate minus the other, on the same rows. */
    Estimate difference(String gate, Metric metric, List<Cluster> days, Arm other, double confidence) {
        if (metric.isMean()) {
            double[] squares = array(days, day -> metric.squares(other.paired(day)));
            return mean(gate, days, array(days, day -> metric.sum(other.paired(day))), squares, confidence);
        }
        return drawn(
                gate,
                days,
                times -> metric.value(days, times, Arm.CANDIDATE) - metric.value(days, times, other),
                confidence);
    }

    private Estimate mean(String gate, List<Cluster> days, double[] sums, double[] squares, double confidence) {
        long[] rows = days.stream().mapToLong(Cluster::labelled).toArray();
        double[] weights = array(days, Cluster::labelled);
        DesignEffect effect = DesignEffect.of(sums, squares, rows);
        Interval interval = byDay
                ? ClusterBootstrap.ratio(sums, weights, seed(gate), ClusterBootstrap.REPLICATES, confidence)
                : byRow(sums, squares, weights, confidence);
        return new Estimate(interval, Double.isFinite(total(squares)) ? effect.deff() : null);
    }

    private Estimate drawn(String gate, List<Cluster> days, ToDoubleFunction<int[]> statistic, double confidence) {
        return new Estimate(
                ClusterBootstrap.statistic(days.size(), statistic, seed(gate), ClusterBootstrap.REPLICATES, confidence),
                null);
    }

    private static Interval byRow(double[] sums, double[] squares, double[] weights, double confidence) {
        double n = total(weights);
        double mean = total(sums) / n;
        double variance = (total(squares) - n * mean * mean) / (n - 1);
        double half = NormalDistribution.of(0, 1).inverseSurvivalProbability((1 - confidence) / 2)
                * Math.sqrt(Math.max(0, variance) / n);
        return new Interval(mean, mean - half, mean + half, sums.length);
    }

    private static double total(double[] values) {
        return DoubleStream.of(values).sum();
    }

    private long seed(String gate) {
        return Digest.of(evaluation.candidate() + "\n" + evaluation.champion() + "\n" + evaluation.holdout() + "\n"
                        + gate)
                .seed();
    }

    private static double[] array(List<Cluster> days, ToDoubleFunction<Cluster> value) {
        return days.stream().mapToDouble(value).toArray();
    }

    /** An interval and the design effect of its estimate, null where rows' squares are not kept. */
    record Estimate(Interval interval, @Nullable Double deff) {}
}
