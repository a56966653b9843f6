package dev.perennial.statistics;

/**
 * How far two sets of counts over the same bins lie apart. Symbols: p reference shares, q current shares. Logarithms are natural unless a
 * method says bits. All are O(bins).
 */
public final class BinScores {
    /** Share that stands for an empty bin; what the industry uses. */
    public static final double FLOOR = 1e-4;

    private static final double LN2 = Math.log(2);

    private BinScores() {}

    /** What PSI does about a bin that is empty on one side. */
    public sealed interface Zeros {
        /** Nothing: the score may be infinite. */
        record Keep() implements Zeros {}

        /** Shares of both sides are at least {@code share}; bins empty on both sides count nothing; not renormalised. */
        record Floor(double share) implements Zeros {}

        /** (count + 1/2) / (n + B/2). */
        record Jeffreys() implements Zeros {}
    }

    /** Population stability index with {@link #FLOOR} for empty bins. */
    public static double psi(double[] reference, double[] current) {
        return psi(reference, current, new Zeros.Floor(FLOOR));
    }

    /** Population stability index: sum of (q - p) ln(q / p). */
    public static double psi(double[] reference, double[] current, Zeros zeros) {
        double n = sum(reference);
        double m = sum(current);
        double psi = 0;
        for (int i = 0; i < reference.length; i++) {
            double p = reference[i] / n;
            double q = current[i] / m;
            switch (zeros) {
                case Zeros.Keep keep -> {}
                case Zeros.Floor floor -> {
                    if (p == 0 && q == 0) {
                        continue;
                    }
                    p = Math.max(p, floor.share());
                    q = Math.max(q, floor.share());
                }
                case Zeros.Jeffreys jeffreys -> {
                    p = (reference[i] + 0.5) / (n + 0.5 * reference.length);
                    q = (current[i] + 0.5) / (m + 0.5 * reference.length);
                }
            }
            psi += p == q ? 0 : (q - p) * Math.log(q / p);
        }
        return psi;
    }

    /** Kullback-Leibler divergence of the current shares from the reference, KL(q || p); infinite where p is 0 and q is not. */
    public static double kullbackLeibler(double[] reference, double[] current) {
        double n = sum(reference);
        double m = sum(current);
        double kl = 0;
        for (int i = 0; i < reference.length; i++) {
            double q = current[i] / m;
            kl += q == 0 ? 0 : q * Math.log(q / (reference[i] / n));
        }
        return kl;
    }

    /** Jensen-Shannon divergence in nats: 0 to ln 2. */
    public static double jensenShannon(double[] reference, double[] current) {
        double n = sum(reference);
        double m = sum(current);
        double js = 0;
        for (int i = 0; i < reference.length; i++) {
            double p = reference[i] / n;
            double q = current[i] / m;
            double middle = (p + q) / 2;
            js += (p == 0 ? 0 : p * Math.log(p / middle) / 2) + (q == 0 ? 0 : q * Math.log(q / middle) / 2);
        }
        return Math.max(0, js);
    }

    /** Jensen-Shannon divergence in bits: 0 to 1. */
    public static double jensenShannonBits(double[] reference, double[] current) {
        return jensenShannon(reference, current) / LN2;
    }

    /** Square root of the divergence in bits: 0 to 1. */
    public static double jensenShannonDistance(double[] reference, double[] current) {
        return Math.sqrt(jensenShannonBits(reference, current));
    }

    /** Hellinger distance: 0 to 1. */
    public static double hellinger(double[] reference, double[] current) {
        double n = sum(reference);
        double m = sum(current);
        double squares = 0;
        for (int i = 0; i < reference.length; i++) {
            double difference = Math.sqrt(reference[i] / n) - Math.sqrt(current[i] / m);
            squares += difference * difference;
        }
        return Math.sqrt(squares / 2);
    }

    /** Half the sum of absolute differences of shares: 0 to 1. */
    public static double totalVariation(double[] reference, double[] current) {
        double n = sum(reference);
        double m = sum(current);
        double total = 0;
        for (int i = 0; i < reference.length; i++) {
            total += Math.abs(reference[i] / n - current[i] / m);
        }
        return total / 2;
    }

    /** Largest absolute difference of shares. */
    public static double maximum(double[] reference, double[] current) {
        double n = sum(reference);
        double m = sum(current);
        double largest = 0;
        for (int i = 0; i < reference.length; i++) {
            largest = Math.max(largest, Math.abs(reference[i] / n - current[i] / m));
        }
        return largest;
    }

    /** Cohen's w: square root of the sum of (q - p)^2 / p. */
    public static double cohenW(double[] reference, double[] current) {
        double n = sum(reference);
        double m = sum(current);
        double sum = 0;
        for (int i = 0; i < reference.length; i++) {
            double p = reference[i] / n;
            double difference = current[i] / m - p;
            sum += difference == 0 ? 0 : difference * difference / p;
        }
        return Math.sqrt(sum);
    }

    /** Expected PSI of two samples of one law: (B - 1) (1/n + 1/m). */
    public static double psiWithoutDrift(double n, double m, int bins) {
        return (bins - 1) / ToleranceTest.effectiveSize(n, m);
    }

    /** PSI above which equality is rejected at level alpha. */
    public static double psiCritical(double n, double m, int bins, double alpha) {
        return ChiSquare.quantileAbove(alpha, bins - 1) / ToleranceTest.effectiveSize(n, m);
    }

    /** Jensen-Shannon distance (bits) above which equality is rejected at level alpha. */
    public static double jensenShannonDistanceCritical(double n, double m, int bins, double alpha) {
        return Math.sqrt(ChiSquare.quantileAbove(alpha, bins - 1) / (8 * LN2 * ToleranceTest.effectiveSize(n, m)));
    }

    static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    /** Counts as the doubles that scores work on. */
    public static double[] doubles(long[] counts) {
        double[] result = new double[counts.length];
        for (int i = 0; i < counts.length; i++) {
            result[i] = counts[i];
        }
        return result;
    }
}
