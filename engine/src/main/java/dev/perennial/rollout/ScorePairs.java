package dev.perennial.rollout;

import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Evaluation.Scores;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import java.util.stream.IntStream;

/**
 * One cluster's scores of two models on the same rows, as {@code bin, count} pairs of the fine bins that hold any; a bin may come twice.
 *
 * @param rows what the champion's counts add up to
 */
record ScorePairs(int[] candidate, int[] champion, long rows) {

    static ScorePairs of(Comparison comparison) {
        return of(comparison.candidateBins(), comparison.championBins());
    }

    /** Of both labels; without a champion's scores nothing. */
    static ScorePairs of(Cluster day) {
        Scores champion = day.champion();
        return champion == null ? of(new int[0], new int[0]) : of(both(day.candidate()), both(champion));
    }

    private static ScorePairs of(int[] candidate, int[] champion) {
        long rows = 0;
        for (int k = 1; k < champion.length; k += 2) {
            rows += champion[k];
        }
        return new ScorePairs(candidate, champion, rows);
    }

    private static int[] both(Scores scores) {
        return IntStream.concat(IntStream.of(scores.positiveBins()), IntStream.of(scores.negativeBins()))
                .toArray();
    }
}
