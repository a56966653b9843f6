package dev.perennial.statistics;

import java.util.Arrays;

/** Scores exactly as other tools compute them, for people who compare. Not used for verdicts. */
public final class Compatibility {
    private Compatibility() {}

    /** PSI of Evidently 0.7 for a numeric column with more than 20 distinct reference values. */
    public static double evidentlyPsi(double[] reference, double[] current) {
        double[] edges = pooledSturges(reference, current);
        double[] p = filled(shares(histogram(reference, edges)));
        double[] q = filled(shares(histogram(current, edges)));
        double psi = 0;
        for (int i = 0; i < p.length; i++) {
            psi += (p[i] - q[i]) * Math.log(p[i] / q[i]);
        }
        return psi;
    }

    /** Jensen-Shannon distance of Evidently 0.7 (natural logarithm), numeric column with more than 20 distinct reference values. */
    public static double evidentlyJensenShannon(double[] reference, double[] current) {
        double[] edges = pooledSturges(reference, current);
        return Math.sqrt(BinScores.jensenShannon(histogram(reference, edges), histogram(current, edges)));
    }

    /** Jensen-Shannon distance of NannyML 0.13 (bits): Doane bins of the reference, one extra bin for what lies outside. */
    public static double nannymlJensenShannon(double[] reference, double[] current) {
        Moments moments = Moments.of(reference);
        double n = reference.length;
        double sd = Math.sqrt(moments.populationVariance());
        double skew = 0;
        for (double value : reference) {
            skew += Math.pow((value - moments.mean()) / sd, 3) / n;
        }
        double error = Math.sqrt(6 * (n - 2) / ((n + 1) * (n + 3)));
        double bins = 1 + log2(n) + log2(1 + Math.abs(skew) / error);
        double[] edges = equalWidth(moments.min(), moments.max(), (int) Math.ceil(bins));
        double[] p = histogram(reference, edges);
        double[] q = histogram(current, edges);
        double outside = current.length - BinScores.sum(q);
        double[] extendedP = Arrays.copyOf(p, p.length + 1);
        double[] extendedQ = Arrays.copyOf(q, q.length + 1);
        extendedQ[q.length] = outside;
        return BinScores.jensenShannonDistance(extendedP, extendedQ);
    }

    private static double[] pooledSturges(double[] reference, double[] current) {
        Moments all = Moments.of(reference).merge(Moments.of(current));
        return equalWidth(all.min(), all.max(), (int) Math.ceil(log2(all.count()) + 1));
    }

    private static double[] equalWidth(double min, double max, int bins) {
        double[] edges = new double[bins + 1];
        for (int i = 0; i <= bins; i++) {
            edges[i] = min + (max - min) * i / bins;
        }
        edges[bins] = max;
        return edges;
    }

    /** Bins [e0, e1), ..., [ek-1, ek]; values outside are dropped. */
    private static double[] histogram(double[] values, double[] edges) {
        int bins = edges.length - 1;
        double[] counts = new double[bins];
        for (double value : values) {
            if (value >= edges[0] && value <= edges[bins]) {
                counts[Math.min(bins - 1, Ranks.upTo(edges, value) - 1)]++;
            }
        }
        return counts;
    }

    private static double[] shares(double[] counts) {
        double sum = BinScores.sum(counts);
        return Arrays.stream(counts).map(count -> count / sum).toArray();
    }

    private static double[] filled(double[] shares) {
        double smallest = Arrays.stream(shares).filter(share -> share > 0).min().orElse(1);
        double fill = smallest <= 1e-4 ? smallest / 1e6 : 1e-4;
        return Arrays.stream(shares).map(share -> share == 0 ? fill : share).toArray();
    }

    private static double log2(double x) {
        return Math.log(x) / Math.log(2);
    }
}
