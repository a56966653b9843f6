package dev.perennial.statistics;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;

/** Metrics of ranked lists. */
public final class Ranking {
    private Ranking() {}

    /** Means over queries at a cut-off. */
    public record TopK(double hitRate, double mrr, double precision, double recall, double map) {}

    /**
     * Normalised discounted cumulative gain with linear gain; tied scores share the mean gain of the positions they occupy. Undefined for a
     * query without a relevant item: leave such queries out and count them.
     *
     * @param k cut-off; 0 for all positions
     */
    public static Metric ndcg(double[] gains, double[] scores, int k) {
        return ndcg(gains, scores, k, gain -> gain);
    }

    /** As {@link #ndcg(double[], double[], int)} with gain 2^g - 1. */
    public static Metric ndcgExponential(double[] gains, double[] scores, int k) {
        return ndcg(gains, scores, k, gain -> Math.pow(2, gain) - 1);
    }

    private static Metric ndcg(double[] gains, double[] scores, int k, DoubleUnaryOperator gainOf) {
        double[] gained = new double[gains.length];
        for (int i = 0; i < gains.length; i++) {
            gained[i] = gainOf.applyAsDouble(gains[i]);
        }
        int cut = k <= 0 ? gains.length : Math.min(k, gains.length);
        return Metric.quotient(discounted(gained, scores, cut), discounted(gained, gained, cut), "no relevant item");
    }

    private static double discounted(double[] gains, double[] scores, int cut) {
        int[] order = Ranks.order(scores);
        double sum = 0;
        int n = order.length;
        for (int from = 0; from < n; ) {
            double gain = 0;
            double discount = 0;
            int to = from;
            for (; to < n && scores[order[n - 1 - to]] == scores[order[n - 1 - from]]; to++) {
                gain += gains[order[n - 1 - to]];
                discount += to < cut ? 1 / (Math.log(to + 2) / Math.log(2)) : 0;
            }
            sum += gain / (to - from) * discount;
            from = to;
        }
        return sum;
    }

    /** Hit rate, reciprocal rank, precision, recall and mean average precision (denominator min(relevant, k)) at k. */
    public static TopK topK(List<List<String>> ranked, List<List<String>> relevant, int k) {
        double hits = 0;
        double reciprocal = 0;
        double precision = 0;
        double recall = 0;
        double map = 0;
        for (int q = 0; q < ranked.size(); q++) {
            Set<String> wanted = new HashSet<>(relevant.get(q));
            int found = 0;
            double average = 0;
            double first = 0;
            for (int i = 0; i < Math.min(k, ranked.get(q).size()); i++) {
                if (wanted.contains(ranked.get(q).get(i))) {
                    found++;
                    average += found / (i + 1.0);
                    first = first == 0 ? 1 / (i + 1.0) : first;
                }
            }
            hits += found > 0 ? 1 : 0;
            reciprocal += first;
            precision += (double) found / k;
            recall += wanted.isEmpty() ? 0 : (double) found / wanted.size();
            map += wanted.isEmpty() ? 0 : average / Math.min(wanted.size(), k);
        }
        double queries = Math.max(1, ranked.size());
        return new TopK(hits / queries, reciprocal / queries, precision / queries, recall / queries, map / queries);
    }
}
