package dev.perennial.worker.training;

import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.gates.Evaluation.Scores;
import dev.perennial.statistics.PairedSums;
import dev.perennial.statistics.ScoreSums;

/** Sums over the rows of one cluster, or of one slice of it. */
final class ClusterSums {
    private final boolean withChampion;
    private long rows;
    private long labelled;
    private long positives;
    private final ScoreSums candidate = new ScoreSums();
    private final ScoreSums champion = new ScoreSums();
    private final ScoreSums baseline = new ScoreSums();
    private final PairedSums againstChampion = new PairedSums();
    private final PairedSums againstBaseline = new PairedSums();

    ClusterSums(boolean withChampion) {
        this.withChampion = withChampion;
    }

    void addUnlabelled() {
        rows++;
    }

    void add(int label, double candidateScore, double championScore, double baselineScore) {
        rows++;
        labelled++;
        positives += label;
        candidate.add(label, candidateScore);
        baseline.add(label, baselineScore);
        againstBaseline.add(label, candidateScore, baselineScore);
        if (withChampion) {
            champion.add(label, championScore);
            againstChampion.add(label, candidateScore, championScore);
        }
    }

    long labelled() {
        return labelled;
    }

    double coverage() {
        return rows == 0 ? 0 : (double) labelled / rows;
    }

    Cluster cluster(String key) {
        return new Cluster(
                key,
                rows,
                labelled,
                positives,
                Scores.of(candidate),
                withChampion ? Scores.of(champion) : null,
                Scores.of(baseline),
                withChampion ? Paired.of(againstChampion) : null,
                Paired.of(againstBaseline));
    }
}
