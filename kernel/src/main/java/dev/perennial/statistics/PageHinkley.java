package dev.perennial.statistics;

/**
 * Detects a rise of the mean of a stream. Lambda is in units of the values: standardise them. Run a second one on negated values to see a
 * fall. Not mergeable: order matters. Single-threaded.
 */
public final class PageHinkley {
    private final double delta;
    private final double lambda;
    private final int minInstances;
    private final double forgetting;
    private final boolean classic;
    private long count;
    private double mean;
    private double sum;
    private double minimum = Double.POSITIVE_INFINITY;

    private PageHinkley(double delta, double lambda, int minInstances, double forgetting, boolean classic) {
        this.delta = delta;
        this.lambda = lambda;
        this.minInstances = minInstances;
        this.forgetting = forgetting;
        this.classic = classic;
    }

    /** Cumulative deviation minus its running minimum exceeds lambda. */
    public static PageHinkley classic(double delta, double lambda, int minInstances) {
        return new PageHinkley(delta, lambda, minInstances, 1, true);
    }

    /** Cumulative deviation that forgets and never falls below 0 reaches lambda. */
    public static PageHinkley forgetting(double delta, double lambda, int minInstances, double alpha) {
        return new PageHinkley(delta, lambda, minInstances, alpha, false);
    }

    /** Takes the next value; true for an alarm. */
    public boolean update(double x) {
        count++;
        mean += (x - mean) / count;
        if (classic) {
            sum += x - mean - delta;
            minimum = Math.min(minimum, sum);
            return count >= minInstances && statistic() > lambda;
        }
        sum = Math.max(0, forgetting * sum + x - mean - delta);
        return count >= minInstances && statistic() >= lambda;
    }

    public double statistic() {
        return classic ? sum - minimum : sum;
    }
}
