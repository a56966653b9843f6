package dev.perennial.lifecycle.file;

/**
 * What is watched while the model serves; atoms are local days.
 *
 * @param skewEveryDays so many closed days are compared with the sources at a time
 */
public record Monitor(Drift drift, Performance performance, int skewEveryDays) {
    /** Files that were kept before there was a choice say nothing of it. */
    public Monitor {
        skewEveryDays = skewEveryDays == 0 ? 1 : skewEveryDays;
    }

    /**
     * @param windowDays length of the current window
     * @param psi tolerated population stability index
     * @param seasonDays a reference that spans less than this says so
     */
    public record Drift(int windowDays, double psi, int seasonDays) {}

    /** @param firstEvaluationPlus tolerated growth of {@code metric} over the champion's evaluation at its gate */
    public record Performance(int windowDays, String metric, double firstEvaluationPlus) {}
}
