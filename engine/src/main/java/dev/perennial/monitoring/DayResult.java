package dev.perennial.monitoring;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.perennial.gates.Evaluation;
import dev.perennial.monitoring.atoms.ServedDay;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one closed local day showed: sums, from which every window, interval and rollout test is computed.
 *
 * @param day local date, {@code 2013-04-01}
 * @param from first moment of the day
 * @param to first moment of the next
 * @param rows predictions answered, each id once
 * @param labelled of them with an outcome
 * @param positives of them with outcome 1
 * @param served the scores that callers got, against the outcomes
 * @param versions the same by version number
 * @param answers by version number: answers given, labelled or not
 * @param pairs by version number of a shadow or canary: it and the champion on the same rows
 * @param revision grows when late outcomes change a closed day
 * @param times what answers took; null in a replay, which measures no time, and in days that were closed by earlier releases
 */
public record DayResult(
        String day,
        long from,
        long to,
        long rows,
        long labelled,
        long positives,
        Evaluation.Scores served,
        Map<String, Evaluation.Scores> versions,
        Map<String, Long> answers,
        Map<String, Pair> pairs,
        int revision,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Times times) {

    public DayResult {
        versions = Map.copyOf(versions);
        answers = Map.copyOf(answers);
        pairs = Map.copyOf(pairs);
    }

    /**
     * What answers of versions took, as sums of natural logarithms of microseconds.
     *
     * @param candidates by version number, of rows that a canary answered
     * @param control of the champion's rows that are compared with these, or of one half of its callers while there is no canary
     * @param rest of its other rows
     */
    public record Times(Map<String, TimeSums> candidates, TimeSums control, TimeSums rest) {
        public Times {
            candidates = Map.copyOf(candidates);
        }
    }

    /** Rows, the sum of the logarithms of their microseconds, and of the squares of these. */
    public record TimeSums(long rows, double sum, double squares) {
        static final TimeSums NONE = new TimeSums(0, 0, 0);

        TimeSums plus(long micros) {
            double log = Math.log(Math.max(1, micros));
            return new TimeSums(rows + 1, sum + log, squares + log * log);
        }
    }

    /** The day as callers saw it, whichever versions answered. */
    ServedDay asServedDay() {
        return new ServedDay(day, rows, labelled, positives, served);
    }

    /** Share of the day's predictions whose outcome is known; 1 for a day without any. */
    public double coverage() {
        return rows == 0 ? 1 : (double) labelled / rows;
    }

    /**
     * A candidate beside the champion on the same rows.
     *
     * @param champion version number of the other
     * @param calls of the candidate, failed ones included
     * @param errors of the candidate
     * @param fallbacks answered by the champion because the candidate failed
     * @param rows scored by both
     * @param labelled of them with an outcome
     * @param paired sums of differences, candidate minus champion, over the labelled rows
     * @param candidateBins histogram of all the candidate's scores on rows scored by both, sparse, 1,000 bins
     * @param championBins the champion's on the same rows
     */
    public record Pair(
            int champion,
            long calls,
            long errors,
            long fallbacks,
            long rows,
            long labelled,
            Evaluation.Paired paired,
            int[] candidateBins,
            int[] championBins) {}
}
