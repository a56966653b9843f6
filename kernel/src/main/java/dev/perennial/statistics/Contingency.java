package dev.perennial.statistics;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.FisherExactTest;

/**
 * Tests of homogeneity for two vectors of counts. The reference is a sample too: a one-sample goodness-of-fit test against its shares
 * would reject far too often. Columns without any count are left out.
 */
public final class Contingency {
    private Contingency() {}

    /** A test's statistic, degrees of freedom and p; one column or an empty side gives statistic 0 and p 1. */
    public record Result(double statistic, int dof, double p) {}

    /** The two count vectors after rare columns were pooled. */
    public record Merged(double[] reference, double[] current) {}

    public static Result chiSquare(double[] reference, double[] current) {
        return chiSquare(reference, current, false);
    }

    /** @param yates continuity correction; acts on 2 x 2 tables only */
    public static Result chiSquare(double[] reference, double[] current, boolean yates) {
        Table table = new Table(reference, current);
        boolean correct = yates && table.dof == 1;
        double statistic = 0;
        for (int i = 0; i < reference.length; i++) {
            double column = reference[i] + current[i];
            if (column > 0 && table.dof > 0) {
                statistic += term(reference[i], column * table.n / table.total, correct)
                        + term(current[i], column * table.m / table.total, correct);
            }
        }
        return table.result(statistic);
    }

    /** Likelihood-ratio statistic 2 sum O ln(O / E). */
    public static Result gTest(double[] reference, double[] current) {
        Table table = new Table(reference, current);
        double statistic = 0;
        for (int i = 0; i < reference.length; i++) {
            double column = reference[i] + current[i];
            if (column > 0 && table.dof > 0) {
                statistic += likelihood(reference[i], column * table.n / table.total)
                        + likelihood(current[i], column * table.m / table.total);
            }
        }
        return table.result(Math.max(0, statistic));
    }

    /** Pools columns whose expected count in the smaller sample is below {@code minExpected} into one, put last. */
    public static Merged mergeRare(double[] reference, double[] current, double minExpected) {
        double n = BinScores.sum(reference);
        double m = BinScores.sum(current);
        double share = Math.min(n, m) / (n + m);
        List<double[]> kept = new ArrayList<>();
        double[] other = new double[2];
        boolean pooled = false;
        for (int i = 0; i < reference.length; i++) {
            if ((reference[i] + current[i]) * share >= minExpected) {
                kept.add(new double[] {reference[i], current[i]});
            } else {
                other[0] += reference[i];
                other[1] += current[i];
                pooled = true;
            }
        }
        if (pooled) {
            kept.add(other);
        }
        return new Merged(
                kept.stream().mapToDouble(pair -> pair[0]).toArray(),
                kept.stream().mapToDouble(pair -> pair[1]).toArray());
    }

    /** Cramer's V, 0 to 1; undefined for fewer than two columns or an empty side. */
    public static Metric cramersV(double[] reference, double[] current, boolean biasCorrected) {
        Table table = new Table(reference, current);
        if (table.dof == 0) {
            return Metric.undefined("one column");
        }
        double phi = chiSquare(reference, current).statistic() / table.total;
        double k = table.dof + 1.0;
        if (!biasCorrected) {
            return Metric.of(Math.sqrt(phi / Math.min(1, k - 1)));
        }
        double corrected = Math.max(0, phi - (k - 1) / (table.total - 1));
        double columns = k - (k - 1) * (k - 1) / (table.total - 1);
        double rows = 2 - 1 / (table.total - 1);
        return Metric.of(Math.sqrt(corrected / Math.min(columns - 1, rows - 1)));
    }

    /** Fisher's exact test of a 2 x 2 table, two-sided: the sum of tables that are not more probable. */
    public static double fisherExact(int k1, int n1, int k2, int n2) {
        int[][] table = {{k1, n1 - k1}, {k2, n2 - k2}};
        if (k1 + k2 == 0 || k1 + k2 == n1 + n2 || n1 == 0 || n2 == 0) {
            return 1;
        }
        return FisherExactTest.withDefaults()
                .with(AlternativeHypothesis.TWO_SIDED)
                .test(table)
                .getPValue();
    }

    private static double term(double observed, double expected, boolean correct) {
        double difference = Math.abs(observed - expected);
        double used = correct ? difference - Math.min(0.5, difference) : difference;
        return used * used / expected;
    }

    private static double likelihood(double observed, double expected) {
        return observed == 0 ? 0 : 2 * observed * Math.log(observed / expected);
    }

    private static final class Table {
        final double n;
        final double m;
        final double total;
        final int dof;

        Table(double[] reference, double[] current) {
            if (reference.length != current.length) {
                throw new IllegalArgumentException(reference.length + " reference counts but " + current.length
                        + " current counts; bins must be common");
            }
            n = BinScores.sum(reference);
            m = BinScores.sum(current);
            total = n + m;
            int columns = 0;
            for (int i = 0; i < reference.length; i++) {
                columns += reference[i] + current[i] > 0 ? 1 : 0;
            }
            dof = n > 0 && m > 0 ? Math.max(0, columns - 1) : 0;
        }

        Result result(double statistic) {
            return dof == 0 ? new Result(0, 0, 1) : new Result(statistic, dof, ChiSquare.survival(statistic, dof));
        }
    }
}
