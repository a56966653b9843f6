package dev.perennial.rollout;

import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.rollout.Spread.Sums;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything a rollout is judged from, stored with each decision: judging it again gives the same decision.
 *
 * @param days local days since the rollout started, in order, the open one included
 * @param learnt what the gate's days taught about correlation within days
 * @param labelCoverage days with a smaller share of labels do not count
 * @param blownFuse why the scorer sent the traffic back by itself; null when it did not
 */
public record RolloutEvidence(
        List<Day> days,
        Learnt learnt,
        double labelCoverage,
        @Nullable String blownFuse) {
    public RolloutEvidence {
        days = List.copyOf(days);
    }

    /**
     * One cluster of a rollout: a local day of event time, or a block.
     *
     * @param day ISO date, or the ISO instant at which a block began
     * @param predictions all predictions of the endpoint, whoever answered: the base of label coverage
     * @param labels how many of them have a label
     * @param calls calls of the candidate, failed ones included
     * @param errors failed ones
     * @param fallbacks failed calls that the champion answered
     * @param time natural logarithms of the microseconds that the candidate took; null when they were not summed up
     * @param control the champion's calls in the control group; null when it is not known
     * @param tensorRows rows of the candidate's calls where an endpoint gives tensors, which no score compares; null where each call is a
     *     row with a score
     */
    public record Day(
            String day,
            long predictions,
            long labels,
            Comparison comparison,
            long calls,
            long errors,
            long fallbacks,
            @Nullable Sums time,
            @Nullable Control control,
            @Nullable Long tensorRows) {

        /** A day without times and control. */
        public Day(
                String day,
                long predictions,
                long labels,
                Comparison comparison,
                long calls,
                long errors,
                long fallbacks) {
            this(day, predictions, labels, comparison, calls, errors, fallbacks, null, null, null);
        }

        /** Whether calls of tensors were counted. */
        boolean tensors() {
            return tensorRows != null;
        }

        double coverage() {
            return predictions == 0 ? 0 : (double) labels / predictions;
        }
    }

    /**
     * The champion's rows of the bucket range that is as large as the canary's.
     *
     * @param time logarithms of its microseconds; null when they were not summed up
     */
    public record Control(long calls, long errors, @Nullable Sums time) {}

    /**
     * Candidate and champion on the same rows of one day.
     *
     * @param rows rows that both scored
     * @param labelled those with a label
     * @param paired sums over the labelled rows, candidate minus champion
     * @param candidateBins scores of all {@code rows} in 1,000 equal bins of [0, 1], as {@code bin, count} pairs
     * @param championBins the same for the champion
     */
    public record Comparison(long rows, long labelled, Paired paired, int[] candidateBins, int[] championBins) {

        /** A day on which nothing was scored by both. */
        public static Comparison empty() {
            return new Comparison(0, 0, new Paired(0, 0, 0, 0), new int[0], new int[0]);
        }
    }
}
