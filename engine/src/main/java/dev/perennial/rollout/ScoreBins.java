package dev.perennial.rollout;

/** Two score histograms on the same rows, and their population stability index in equal-mass bins of the second. */
final class ScoreBins {
    static final int FINE = 1_000;
    static final int BINS_MAX = 10;
    static final int BINS_MIN = 2;

    /** Rows that a bin should expect; with fewer, empty bins decide by themselves. */
    static final int ROWS_PER_BIN = 20;

    /** Fine bins that are not apart: a hundredth of [0, 1], or some sixtieth behind an endpoint whose scores may be any number. */
    private static final int NEAR = 10;

    /** Both shares are at least this in a logarithm. */
    private static final double SHARE_MIN = 1e-4;

    private final long[] candidate = new long[FINE];
    private final long[] champion = new long[FINE];
    private long rows;

    void add(int[] candidatePairs, int[] championPairs) {
        add(candidatePairs, candidate);
        rows += add(championPairs, champion);
    }

    long rows() {
        return rows;
    }

    int bins() {
        return (int) Math.clamp(rows / ROWS_PER_BIN, BINS_MIN, BINS_MAX);
    }

    /**
     * Bin of each fine bin, such that each holds about the same share of the champion's scores. Scores that the champion did not give
     * belong to its nearest when that is near: of two models that answer in a few values a hair apart neither has left the other.
     */
    int[] edges(int bins) {
        int[] coarse = new int[FINE];
        long before = 0;
        for (int i = 0; i < FINE; i++) {
            double middle = (before + champion[i] / 2.0) / Math.max(1, rows);
            coarse[i] = Math.min(bins - 1, (int) (middle * bins));
            before += champion[i];
        }
        int left = -1;
        for (int right = 0; right < FINE; right++) {
            if (champion[right] > 0) {
                fill(coarse, left, right);
                left = right;
            }
        }
        fill(coarse, left, FINE);
        return coarse;
    }

    /** Gives the empty fine bins between two that hold scores to the nearer; the ends of the line hold none. */
    private static void fill(int[] coarse, int left, int right) {
        for (int i = left + 1; i < right; i++) {
            int fromLeft = left < 0 ? FINE : i - left;
            int fromRight = right == FINE ? FINE : right - i;
            if (Math.min(fromLeft, fromRight) <= NEAR) {
                coarse[i] = coarse[fromLeft <= fromRight ? left : right];
            }
        }
    }

    double psi() {
        int bins = bins();
        int[] edges = edges(bins);
        double[] p = shares(champion, edges, bins);
        double[] q = shares(candidate, edges, bins);
        double psi = 0;
        for (int b = 0; b < bins; b++) {
            if (p[b] > 0 || q[b] > 0) {
                double expected = Math.max(p[b], SHARE_MIN);
                double actual = Math.max(q[b], SHARE_MIN);
                psi += (actual - expected) * Math.log(actual / expected);
            }
        }
        return psi;
    }

    double[] candidateShares(int[] edges, int bins) {
        return shares(candidate, edges, bins);
    }

    double[] championShares(int[] edges, int bins) {
        return shares(champion, edges, bins);
    }

    /** Shares of one cluster's scores in the bins of the whole; by its few pairs, since a look asks it of every cluster. */
    static double[] shares(int[] pairs, int[] edges, int bins) {
        double[] shares = new double[bins];
        double total = 0;
        for (int k = 0; k + 1 < pairs.length; k += 2) {
            shares[edges[pairs[k]]] += pairs[k + 1];
            total += pairs[k + 1];
        }
        return over(shares, total);
    }

    private static double[] shares(long[] fine, int[] edges, int bins) {
        double[] shares = new double[bins];
        double total = 0;
        for (int i = 0; i < FINE; i++) {
            shares[edges[i]] += fine[i];
            total += fine[i];
        }
        return over(shares, total);
    }

    private static double[] over(double[] counts, double total) {
        for (int b = 0; b < counts.length; b++) {
            counts[b] /= Math.max(1, total);
        }
        return counts;
    }

    private static long add(int[] pairs, long[] fine) {
        long added = 0;
        for (int k = 0; k + 1 < pairs.length; k += 2) {
            fine[pairs[k]] += pairs[k + 1];
            added += pairs[k + 1];
        }
        return added;
    }
}
