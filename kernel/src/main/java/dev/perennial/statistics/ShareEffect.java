package dev.perennial.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What clustering by days does to a score over groups, learnt from how the daily shares vary: the score times the effective rows follows
 * {@code deff} times a chi-square with {@code dof} degrees of freedom (Rao-Scott correction of second order). When the days of a column
 * move together, as temperatures do, all groups rise and fall with one hidden cause and dof is near 1 instead of groups - 1.
 *
 * @param deff at least 1
 * @param dof 1 to filled groups - 1; 0 when fewer than two groups are filled
 * @param rowsPerDay mean rows of a day that has any
 * @param days days with rows
 */
public record ShareEffect(double deff, double dof, double rowsPerDay, int days) {

    /** @param days counts of each day over the same groups */
    public static ShareEffect of(List<double[]> days) {
        List<double[]> filledDays =
                days.stream().filter(day -> BinScores.sum(day) > 0).toList();
        int groups = days.isEmpty() ? 0 : days.getFirst().length;
        double[] pooled = new double[groups];
        filledDays.forEach(day -> Arrays.setAll(pooled, g -> pooled[g] + day[g]));
        double rows = BinScores.sum(pooled);
        int count = filledDays.size();
        double perDay = count == 0 ? 0 : rows / count;
        int[] filled = IntStream.range(0, groups).filter(g -> pooled[g] > 0).toArray();
        if (count < 3 || filled.length < 2) {
            return new ShareEffect(1, Math.max(0, filled.length - 1), perDay, count);
        }
        double[][] covariance = covariance(filledDays, pooled, rows, filled);
        double trace = 0;
        double squares = 0;
        for (int i = 0; i < filled.length; i++) {
            trace += covariance[i][i];
            for (int j = 0; j < filled.length; j++) {
                squares += covariance[i][j] * covariance[i][j];
            }
        }
        // The eigenvalues of a sample covariance spread too far; this takes the known part of that away.
        double nu = count - 1.0;
        double unbiased = nu * nu / ((nu - 1) * (nu + 2)) * (squares - trace * trace / nu);
        double full = filled.length - 1.0;
        double least = trace * trace / full;
        double spread = Math.max(least, Math.min(trace * trace, unbiased));
        return trace <= 0
                ? new ShareEffect(1, full, perDay, count)
                : new ShareEffect(Math.max(1, spread / trace), trace * trace / spread, perDay, count);
    }

    /** Covariance over days of the residuals (count - expected) / sqrt(expected of a day), pooled shares known. */
    private static double[][] covariance(List<double[]> days, double[] pooled, double rows, int[] filled) {
        double[][] sum = new double[filled.length][filled.length];
        for (double[] day : days) {
            double size = BinScores.sum(day);
            double[] residual = new double[filled.length];
            for (int i = 0; i < filled.length; i++) {
                double expected = size * pooled[filled[i]] / rows;
                residual[i] = (day[filled[i]] - expected) / Math.sqrt(expected);
            }
            for (int i = 0; i < filled.length; i++) {
                for (int j = 0; j < filled.length; j++) {
                    sum[i][j] += residual[i] * residual[j] / (days.size() - 1);
                }
            }
        }
        return sum;
    }

    /** The design effect of days of another size under the same correlation. */
    public double forRowsPerDay(double rows) {
        return DesignEffect.ofRatio(deff, rowsPerDay).forClusterSize(rows);
    }
}
