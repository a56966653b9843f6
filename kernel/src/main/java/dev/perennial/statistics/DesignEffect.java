package dev.perennial.statistics;

/**
 * How much wider an honest interval is than one that takes rows as independent: the variance of a mean by clusters over its variance by
 * rows, and the correlation of two rows of one cluster that follows from it.
 *
 * @param deff at least 1: sampling noise below 1 is no licence to claim more rows than there are
 * @param rho intraclass correlation (deff - 1) / (mean cluster size - 1), 0 to 1
 * @param meanClusterSize rows per cluster
 */
public record DesignEffect(double deff, double rho, double meanClusterSize) {

    /** Independent rows: nothing to correct. */
    public static final DesignEffect NONE = new DesignEffect(1, 0, 1);

    /**
     * @param clusterSums sum of the row values of each cluster
     * @param clusterSquares sum of the squared row values
     * @param clusterRows rows of each cluster; empty clusters are left out
     */
    public static DesignEffect of(double[] clusterSums, double[] clusterSquares, long[] clusterRows) {
        int clusters = 0;
        double rows = 0;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < clusterRows.length; i++) {
            if (clusterRows[i] > 0) {
                clusters++;
                rows += clusterRows[i];
                sum += clusterSums[i];
                squares += clusterSquares[i];
            }
        }
        double size = clusters == 0 ? 0 : rows / clusters;
        double mean = rows == 0 ? 0 : sum / rows;
        double rowVariance = (squares - rows * mean * mean) / (rows - 1) / rows;
        if (clusters < 2 || rows < 2 || !(rowVariance > 0)) {
            return new DesignEffect(1, 0, size);
        }
        double between = 0;
        for (int i = 0; i < clusterRows.length; i++) {
            double residual = clusterSums[i] - mean * clusterRows[i];
            between += clusterRows[i] > 0 ? residual * residual : 0;
        }
        double clusterVariance = between * clusters / (clusters - 1.0) / (rows * rows);
        return ofRatio(clusterVariance / rowVariance, size);
    }

    /**
     * By how much a variance that was learnt between few clusters is raised before it is relied on: to what it reaches in four of five
     * samples, {@code (k - 1)} over the 20 % quantile of chi-square with {@code k - 1} degrees of freedom. 1.83 for 8 clusters, 1.51 for 14.
     *
     * @param clusters at least 2
     */
    public static double caution(int clusters) {
        if (clusters < 2) {
            throw new IllegalArgumentException("a variance between " + clusters + " clusters is not known");
        }
        return (clusters - 1) / ChiSquare.quantileAbove(0.8, clusters - 1.0);
    }

    /** From a variance ratio that was measured elsewhere. */
    public static DesignEffect ofRatio(double varianceRatio, double meanClusterSize) {
        double deff = Math.max(1, varianceRatio);
        double rho = meanClusterSize > 1 ? Math.min(1, (deff - 1) / (meanClusterSize - 1)) : 0;
        return new DesignEffect(deff, rho, meanClusterSize);
    }

    /** What the same correlation does to clusters of another size: 1 + (m - 1) rho. */
    public double forClusterSize(double meanRows) {
        return 1 + Math.max(0, meanRows - 1) * rho;
    }

    /** Rows that independent sampling would need for the same precision. */
    public double effectiveRows(double rows) {
        return rows / deff;
    }
}
