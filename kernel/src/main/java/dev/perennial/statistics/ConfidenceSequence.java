package dev.perennial.statistics;

/**
 * Bounds that hold at every look at once (normal mixture): a rollout may look at each closed cluster without spending its error level by
 * looking often. Valid for means of effective rows, so clustered rows enter as rows divided by their design effect.
 */
public final class ConfidenceSequence {
    /** Mixture width for effects of about a tenth of a standard deviation per effective row. */
    public static final double TAU = 0.15;

    private ConfidenceSequence() {}

    /**
     * Half width of the two-sided sequence at level 1 - alpha: {@code sd * sqrt(2 (a + 1) / (n a) * ln(sqrt(a + 1) / alpha))} with {@code a
     * = n tau^2}. Infinite before the first effective row.
     *
     * @param sd standard deviation of one row
     * @param nEff rows divided by their design effect
     * @param tau where the sequence is tightest, in standard deviations per effective row: 0.1 to 0.2
     */
    public static double radius(double sd, double nEff, double alpha, double tau) {
        if (!(nEff > 0)) {
            return Double.POSITIVE_INFINITY;
        }
        double a = nEff * tau * tau;
        return sd * Math.sqrt(2 * (a + 1) / (nEff * a) * Math.log(Math.sqrt(a + 1) / alpha));
    }

    /**
     * Half width of one look, on the one side that is asked for: what a sequence would be that nobody looks at twice.
     *
     * @param error standard error of the mean
     * @param alpha level of that side
     */
    public static double oneLook(double error, double alpha) {
        return error * ChiSquare.normalQuantile(1 - 2 * alpha);
    }

    /** The sequence around a mean. */
    public static Interval around(double mean, double sd, double nEff, double alpha, double tau, int clusters) {
        double radius = radius(sd, nEff, alpha, tau);
        return new Interval(mean, mean - radius, mean + radius, clusters);
    }
}
