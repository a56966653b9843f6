package dev.perennial.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * AUC from histograms of scores by class for each cluster, so that whole clusters can be drawn again without touching a row. Ties within a
 * bin count half; {@link #bound} says how far the exact value can lie.
 *
 * <p>Cost model: a draw adds the used bins of the clusters drawn, about clusters x 1,000 additions.
 */
public final class ClusterAuc {
    private final int[][] bins;
    private final int[][] positives;
    private final int[][] negatives;
    private final int used;

    private ClusterAuc(int[][] bins, int[][] positives, int[][] negatives, int used) {
        this.bins = bins;
        this.positives = positives;
        this.negatives = negatives;
        this.used = used;
    }

    /** @param positiveBins for each cluster, pairs of bin and count ({@code [12,3,17,1]}); {@code negativeBins} alike */
    public static ClusterAuc of(List<int[]> positiveBins, List<int[]> negativeBins) {
        int k = positiveBins.size();
        int highest = 0;
        for (int c = 0; c < k; c++) {
            highest = Math.max(highest, Math.max(highest(positiveBins.get(c)), highest(negativeBins.get(c))));
        }
        int[][] bins = new int[k][];
        int[][] positives = new int[k][];
        int[][] negatives = new int[k][];
        for (int c = 0; c < k; c++) {
            int[] high = dense(positiveBins.get(c), highest + 1);
            int[] low = dense(negativeBins.get(c), highest + 1);
            int[] filled = IntStream.rangeClosed(0, highest)
                    .filter(bin -> high[bin] + low[bin] > 0)
                    .toArray();
            bins[c] = filled;
            positives[c] = Arrays.stream(filled).map(bin -> high[bin]).toArray();
            negatives[c] = Arrays.stream(filled).map(bin -> low[bin]).toArray();
        }
        return new ClusterAuc(bins, positives, negatives, highest + 1);
    }

    public int clusters() {
        return bins.length;
    }

    /** AUC when each cluster is taken as often as {@code draw} says; NaN when a class is missing. */
    public double auc(int[] draw) {
        double[] high = new double[used];
        double[] low = new double[used];
        add(draw, high, low);
        double below = 0;
        double pairs = 0;
        double positive = 0;
        for (int bin = 0; bin < used; bin++) {
            pairs += high[bin] * (below + low[bin] / 2);
            below += low[bin];
            positive += high[bin];
        }
        return positive == 0 || below == 0 ? Double.NaN : pairs / (positive * below);
    }

    /** AUC of all clusters. */
    public Metric auc() {
        double auc = auc(all());
        return Double.isNaN(auc) ? Metric.undefined("one_class") : Metric.of(auc);
    }

    /** How far the AUC of unbinned scores can lie from {@link #auc()}: half the pairs that share a bin. */
    public double bound() {
        double[] high = new double[used];
        double[] low = new double[used];
        add(all(), high, low);
        double shared = 0;
        for (int bin = 0; bin < used; bin++) {
            shared += high[bin] * low[bin];
        }
        double pairs = BinScores.sum(high) * BinScores.sum(low);
        return pairs == 0 ? 0 : shared / pairs / 2;
    }

    /** Interval by drawing whole clusters. */
    public Interval interval(long seed, int replicates, double confidence) {
        return ClusterBootstrap.statistic(clusters(), this::auc, seed, replicates, confidence);
    }

    /** Interval of this model's AUC minus the other's on the same clusters. */
    public Interval minus(ClusterAuc other, long seed, int replicates, double confidence) {
        return ClusterBootstrap.statistic(
                clusters(), draw -> auc(draw) - other.auc(draw), seed, replicates, confidence);
    }

    private void add(int[] draw, double[] high, double[] low) {
        for (int c = 0; c < bins.length; c++) {
            int times = draw[c];
            for (int i = 0; times > 0 && i < bins[c].length; i++) {
                high[bins[c][i]] += (double) times * positives[c][i];
                low[bins[c][i]] += (double) times * negatives[c][i];
            }
        }
    }

    private int[] all() {
        int[] all = new int[bins.length];
        Arrays.fill(all, 1);
        return all;
    }

    private static int highest(int[] pairs) {
        int highest = 0;
        for (int i = 0; i < pairs.length; i += 2) {
            highest = Math.max(highest, pairs[i]);
        }
        return highest;
    }

    private static int[] dense(int[] pairs, int size) {
        int[] dense = new int[size];
        for (int i = 0; i < pairs.length; i += 2) {
            dense[pairs[i]] += pairs[i + 1];
        }
        return dense;
    }
}
