package dev.perennial.statistics;

import java.util.Arrays;

/** Distances of samples of vectors; O((n + m)^2 d) where pairs are compared, so cap the rows. */
public final class Embeddings {
    private static final int SWEEPS_MAX = 100;

    private Embeddings() {}

    /** Distance of the mean vectors: Euclidean, and 1 - cosine. */
    public record Centroids(double euclidean, double cosine) {}

    public static Centroids centroids(double[][] reference, double[][] current) {
        double[] a = mean(reference);
        double[] b = mean(current);
        double dot = 0;
        double lengthA = 0;
        double lengthB = 0;
        double gap = 0;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
            lengthA += a[i] * a[i];
            lengthB += b[i] * b[i];
            gap += (a[i] - b[i]) * (a[i] - b[i]);
        }
        double norm = Math.sqrt(lengthA * lengthB);
        return new Centroids(Math.sqrt(gap), norm == 0 ? 0 : 1 - dot / norm);
    }

    /** Squared maximum mean discrepancy with kernel exp(-d^2 / (2 sigma^2)); the unbiased form may be negative. */
    public static double mmdSquared(double[][] reference, double[][] current, double sigma, boolean unbiased) {
        double n = reference.length;
        double m = current.length;
        double within = kernelSum(reference, reference, sigma);
        double withinCurrent = kernelSum(current, current, sigma);
        double cross = kernelSum(reference, current, sigma) * 2 / (n * m);
        return unbiased
                ? (within - n) / (n * (n - 1)) + (withinCurrent - m) / (m * (m - 1)) - cross
                : within / (n * n) + withinCurrent / (m * m) - cross;
    }

    /** Median of the pooled pairwise distances: the usual sigma. */
    public static double medianDistance(double[][] reference, double[][] current) {
        double[][] all = Arrays.copyOf(reference, reference.length + current.length);
        System.arraycopy(current, 0, all, reference.length, current.length);
        double[] distances = new double[all.length * (all.length - 1) / 2];
        int n = 0;
        for (int i = 0; i < all.length; i++) {
            for (int j = i + 1; j < all.length; j++) {
                distances[n++] = Math.sqrt(squaredDistance(all[i], all[j]));
            }
        }
        return Baselines.median(distances);
    }

    /** Mean reconstruction error of rows by the reference's first principal components, of the reference itself and of the current rows. */
    public record Reconstruction(double reference, double current) {}

    /** Columns are scaled by the reference's mean and population standard deviation; constant columns count as 0. */
    public static Reconstruction reconstruction(double[][] reference, double[][] current, int components) {
        int d = reference[0].length;
        Moments[] columns = new Moments[d];
        for (int c = 0; c < d; c++) {
            int column = c;
            columns[c] = Moments.of(
                    Arrays.stream(reference).mapToDouble(row -> row[column]).toArray());
        }
        double[][] z = scaled(reference, columns);
        double[][] covariance = new double[d][d];
        for (double[] row : z) {
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    covariance[i][j] += row[i] * row[j] / z.length;
                }
            }
        }
        double[][] axes = principalAxes(covariance, components);
        return new Reconstruction(residual(z, axes), residual(scaled(current, columns), axes));
    }

    private static double[][] scaled(double[][] rows, Moments[] columns) {
        double[][] z = new double[rows.length][columns.length];
        for (int r = 0; r < rows.length; r++) {
            for (int c = 0; c < columns.length; c++) {
                double sd = Math.sqrt(columns[c].populationVariance());
                z[r][c] = sd == 0 ? 0 : (rows[r][c] - columns[c].mean()) / sd;
            }
        }
        return z;
    }

    private static double residual(double[][] z, double[][] axes) {
        double sum = 0;
        for (double[] row : z) {
            double squares = 0;
            for (double value : row) {
                squares += value * value;
            }
            for (double[] axis : axes) {
                double projection = 0;
                for (int i = 0; i < row.length; i++) {
                    projection += row[i] * axis[i];
                }
                squares -= projection * projection;
            }
            sum += Math.sqrt(Math.max(0, squares));
        }
        return sum / z.length;
    }

    /** Eigenvectors of the largest eigenvalues by Jacobi rotations. */
    private static double[][] principalAxes(double[][] symmetric, int count) {
        int d = symmetric.length;
        double[][] a = Arrays.stream(symmetric).map(double[]::clone).toArray(double[][]::new);
        double[][] v = new double[d][d];
        for (int i = 0; i < d; i++) {
            v[i][i] = 1;
        }
        for (int sweep = 0; sweep < SWEEPS_MAX && offDiagonal(a) > 1e-26; sweep++) {
            for (int p = 0; p < d; p++) {
                for (int q = p + 1; q < d; q++) {
                    rotate(a, v, p, q);
                }
            }
        }
        double[] values = new double[d];
        Arrays.setAll(values, i -> -a[i][i]);
        int[] order = Ranks.order(values);
        double[][] axes = new double[Math.min(count, d)][d];
        for (int k = 0; k < axes.length; k++) {
            for (int i = 0; i < d; i++) {
                axes[k][i] = v[i][order[k]];
            }
        }
        return axes;
    }

    private static void rotate(double[][] a, double[][] v, int p, int q) {
        if (a[p][q] == 0) {
            return;
        }
        double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        double c = 1 / Math.sqrt(t * t + 1);
        double s = t * c;
        for (int i = 0; i < a.length; i++) {
            double ip = a[i][p];
            double iq = a[i][q];
            a[i][p] = c * ip - s * iq;
            a[i][q] = s * ip + c * iq;
            double vp = v[i][p];
            double vq = v[i][q];
            v[i][p] = c * vp - s * vq;
            v[i][q] = s * vp + c * vq;
        }
        for (int i = 0; i < a.length; i++) {
            double pi = a[p][i];
            double qi = a[q][i];
            a[p][i] = c * pi - s * qi;
            a[q][i] = s * pi + c * qi;
        }
    }

    private static double offDiagonal(double[][] a) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a.length; j++) {
                sum += i == j ? 0 : a[i][j] * a[i][j];
            }
        }
        return sum;
    }

    private static double[] mean(double[][] rows) {
        double[] mean = new double[rows.length == 0 ? 0 : rows[0].length];
        for (double[] row : rows) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += row[i] / rows.length;
            }
        }
        return mean;
    }

    private static double kernelSum(double[][] a, double[][] b, double sigma) {
        double sum = 0;
        for (double[] x : a) {
            for (double[] y : b) {
                sum += Math.exp(-squaredDistance(x, y) / (2 * sigma * sigma));
            }
        }
        return sum;
    }

    private static double squaredDistance(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (x[i] - y[i]) * (x[i] - y[i]);
        }
        return sum;
    }
}
