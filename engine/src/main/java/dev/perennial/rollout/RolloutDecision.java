package dev.perennial.rollout;

import org.jspecify.annotations.Nullable;

/**
 * What happens now, why, and from which numbers.
 *
 * @param text one sentence for people
 * @param look each guard against its bound; null in decisions of releases that did not keep it
 * @param next the state after the decision; the same state on HOLD
 */
public record RolloutDecision(
        Action action,
        Reason reason,
        String text,
        Numbers numbers,
        @Nullable Look look,
        RolloutState next) {

    /** What to do with the traffic. */
    public enum Action {
        /** Nothing: look again later. */
        HOLD,
        /** Enter the next step. */
        ADVANCE,
        /** The step lasts a day longer, because data are missing. */
        EXTEND,
        /** The champion takes all traffic back. */
        STOP,
        /** The candidate becomes champion. */
        PROMOTE
    }

    /** Why, for programs. */
    public enum Reason {
        STEP_RUNNING,
        STEP_PASSED,
        PAUSED,
        ENDED,
        LABELS_MISSING,
        TOO_FEW_ROWS,
        /** A guard that is wanted cannot be computed: inconclusive. */
        NOT_COMPUTABLE,
        STARVED,
        SCORE_SHIFT,
        GROSS_SCORE_SHIFT,
        HARM,
        ERRORS,
        LATENCY,
        BLOWN_FUSE
    }

    /**
     * The evidence in numbers, for charts and tables.
     *
     * @param closedDays days that are over
     * @param judgedDays those with enough labels
     * @param rows rows that both scored, on closed days
     * @param labelled labelled rows on judged days
     * @param shift null while no closed day has rows
     * @param harm null while no judged day has rows
     */
    public record Numbers(
            int closedDays,
            int judgedDays,
            long rows,
            long labelled,
            @Nullable Shift shift,
            @Nullable Harm harm,
            long calls,
            long errors,
            long fallbacks) {}

    /**
     * The candidate's scores against the champion's on the same rows.
     *
     * @param pTol how likely a shift at the tolerance looks at least like this
     * @param effectiveRows what the rows are worth when days are the sample
     */
    public record Shift(
            double psi, double tolerance, double pTol, double effectiveRows, double deff, int bins, long rows) {}

    /** Paired difference, candidate minus champion, with bounds that hold at every look of the whole rollout at once. */
    public record Harm(
            String metric,
            double estimate,
            double low,
            double high,
            double margin,
            double effectiveRows,
            double deff) {}
}
