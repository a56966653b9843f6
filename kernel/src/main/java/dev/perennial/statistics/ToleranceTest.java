package dev.perennial.statistics;

/**
 * Do the data show that the population's drift exceeds what is tolerated? A score alone depends on the sample size; a plain significance
 * test finds any difference in large samples. For small differences, effective rows times a binned score follows a non-central
 * chi-square with bins - 1 degrees of freedom and non-centrality effective rows times the population's score.
 */
public final class ToleranceTest {
    private ToleranceTest() {}

    /** A binned score and the factor that turns effective rows times score into a chi-square. */
    public enum Kind {
        PSI(1),
        KULLBACK_LEIBLER(2),
        /** Divergence in nats. */
        JENSEN_SHANNON(8),
        /** Divergence in bits; a distance enters squared. */
        JENSEN_SHANNON_BITS(8 * 0.6931471805599453),
        HELLINGER_SQUARED(8),
        /** Sum of (q - p)^2 / p. */
        COHEN_W_SQUARED(1);

        private final double factor;

        Kind(double factor) {
            this.factor = factor;
        }

        public double factor() {
            return factor;
        }
    }

    /**
     * @param pTol probability of a score at least this large if the population is exactly at the tolerance
     * @param pEqual the same if the population has not changed at all
     * @param alpha the level that was asked for
     */
    public record Judgement(double pTol, double pEqual, double alpha) {
        /** Whether drift beyond the tolerance is shown (before any correction for many tests). */
        public boolean exceeds() {
            return pTol <= alpha;
        }
    }

    /** Judges a population stability index; see {@link #judge(Kind, double, double, double, int, double)}. */
    public static Judgement judge(double score, double tolerance, double nEffective, int bins, double alpha) {
        return judge(Kind.PSI, score, tolerance, nEffective, bins, alpha);
    }

    /**
     * @param score observed score in the unit of {@code kind}, not negative
     * @param tolerance tolerated population score in the same unit; 0 for the plain test of equality
     * @param nEffective {@code n m / (n + m)}, divided by the design effect for clustered rows
     * @param bins bins of both samples; one bin cannot drift (both p are 1)
     */
    public static Judgement judge(
            Kind kind, double score, double tolerance, double nEffective, int bins, double alpha) {
        return judgeWithDof(kind, score, tolerance, nEffective, bins - 1.0, alpha);
    }

    /**
     * As {@link #judge(Kind, double, double, double, int, double)} with degrees of freedom that need not be whole: clustered rows have fewer
     * than bins - 1, see {@link ShareEffect}.
     */
    public static Judgement judgeWithDof(
            Kind kind, double score, double tolerance, double nEffective, double dof, double alpha) {
        if (!(dof > 0) || !(nEffective > 0) || !(score >= 0)) {
            return new Judgement(1, 1, alpha);
        }
        double scale = kind.factor() * nEffective;
        double pEqual = NonCentralChiSquare.survival(scale * score, dof, 0);
        double pTol = tolerance > 0 ? NonCentralChiSquare.survival(scale * score, dof, scale * tolerance) : pEqual;
        return new Judgement(pTol, pEqual, alpha);
    }

    /** Effective size of two samples: 1 / (1/n + 1/m); 0 when either is empty. */
    public static double effectiveSize(double n, double m) {
        return n > 0 && m > 0 ? 1 / (1 / n + 1 / m) : 0;
    }
}
