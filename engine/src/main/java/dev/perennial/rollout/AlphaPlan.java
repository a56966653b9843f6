package dev.perennial.rollout;

/**
 * How the error level of a whole rollout is split over its guards (Bonferroni): the chance that an honest candidate is stopped by any of
 * them is at most the sum.
 *
 * @param harm level of shown harm by outcomes
 * @param score level of a score shift beyond tolerance
 * @param errors level of more failed calls than tolerated
 * @param latency level of more time than tolerated
 */
public record AlphaPlan(double harm, double score, double errors, double latency) {
    public static final AlphaPlan DEFAULT = new AlphaPlan(0.02, 0.01, 0.01, 0.01);

    /** The level of the whole rollout. */
    public double whole() {
        return harm + score + errors + latency;
    }

    /** What the k-th look may spend of a level that all looks share: {@code level / (k (k + 1))}; the sum over all looks is the level. */
    static double spent(double level, int look) {
        return level / ((double) look * (look + 1));
    }

    /**
     * The level of the two-sided sequence whose one side errs at {@code level}: a guard asks one question only, whether the candidate is
     * worse.
     */
    static double twoSided(double level) {
        return 2 * level;
    }
}
