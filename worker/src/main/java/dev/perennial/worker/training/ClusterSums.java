package dev.perennial.worker.training;

import dev.perennial.gates.Evaluation.Cluster;

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
                candidate.scores(),
                withChampion ? champion.scores() : null,
                baseline.scores(),
                withChampion ? againstChampion.paired() : null,
                againstBaseline.paired());
    }
}
