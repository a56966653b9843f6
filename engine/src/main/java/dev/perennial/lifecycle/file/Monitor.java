package dev.perennial.lifecycle.file;

/** What is watched while the model serves; atoms are local days. */
public record Monitor(Drift drift, Performance performance) {

    /**
     * @param windowDays length of the current window
     * @param psi tolerated population stability index
     * @param seasonDays a reference that spans less than this says so
     */
    public record Drift(int windowDays, double psi, int seasonDays) {}

    /** @param firstEvaluationPlus tolerated growth of {@code metric} over the champion's evaluation at its gate */
    public record Performance(int windowDays, String metric, double firstEvaluationPlus) {}
}
