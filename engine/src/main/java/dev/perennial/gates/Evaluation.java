package dev.perennial.gates;

import dev.perennial.statistics.PairedSums;
import dev.perennial.statistics.ScoreSums;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a worker measured when it scored one frozen holdout with candidate, champion and baseline: sums for each cluster, from which every
 * gate, interval and design effect is computed without touching a row again.
 *
 * @param candidate digest of the candidate's model manifest
 * @param champion digest of the champion's, null for a first version
 * @param holdout digest that names the judged rows: snapshot, bounds and excluded days
 * @param candidateTrainedUntil the candidate saw only rows whose event lies before this and whose label was known by then; null when that
 *     cannot be proven
 * @param championTrainedUntil the same for the champion
 * @param from first event time of the holdout (inclusive)
 * @param to last moment by which labels had to be known
 * @param clusters one for each local day of the holdout, in order
 * @param withheld days left out, and why
 * @param slices by slice column, by value: clusters of the rows with that value
 * @param cpuMicrosPerRow measured in process, by {@code candidate} and {@code champion}
 */
public record Evaluation(
        String candidate,
        @Nullable String champion,
        String holdout,
        @Nullable Long candidateTrainedUntil,
        @Nullable Long championTrainedUntil,
        long from,
        long to,
        List<Cluster> clusters,
        List<Withheld> withheld,
        Map<String, Map<String, List<Cluster>>> slices,
        Map<String, Double> cpuMicrosPerRow) {

    public Evaluation {
        clusters = List.copyOf(clusters);
        withheld = List.copyOf(withheld);
        slices = Map.copyOf(slices);
        cpuMicrosPerRow = Map.copyOf(cpuMicrosPerRow);
    }

    /** A day that no verdict uses, with the share of rows that have a label and the reason in words. */
    public record Withheld(String day, double coverage, String reason) {}

    /**
     * Sums over the labelled rows of one cluster (a local day).
     *
     * @param rows all predicted rows, labelled or not
     * @param labelled rows with a label
     * @param positives rows with label 1
     * @param champion null without a champion
     * @param againstChampion paired per-row differences, candidate minus champion; null without a champion
     * @param againstBaseline paired per-row differences, candidate minus baseline
     */
    public record Cluster(
            String key,
            long rows,
            long labelled,
            long positives,
            Scores candidate,
            @Nullable Scores champion,
            Scores baseline,
            @Nullable Paired againstChampion,
            Paired againstBaseline) {}

    /**
     * One model's sums: log loss (natural, scores clipped to [1e-7, 1 - 1e-7]), squared error, scores, squared row losses, and histograms
     * of scores in 1,000 equal bins of [0, 1] by class, sparse as {@code bin:count} pairs ({@code [12,3,17,1]} is three in bin 12, one in
     * bin 17).
     */
    public record Scores(
            double logLoss,
            double logLossSquares,
            double brier,
            double scoreSum,
            int[] positiveBins,
            int[] negativeBins) {

        public static Scores of(ScoreSums sums) {
            return new Scores(
                    sums.logLoss(),
                    sums.logLossSquares(),
                    sums.brier(),
                    sums.scores(),
                    sums.positiveBins(),
                    sums.negativeBins());
        }
    }

    /** Sums of per-row differences and of their squares, for log loss and Brier score. */
    public record Paired(double logLoss, double logLossSquares, double brier, double brierSquares) {

        public static Paired of(PairedSums sums) {
            return new Paired(sums.logLoss(), sums.logLossSquares(), sums.brier(), sums.brierSquares());
        }
    }
}
