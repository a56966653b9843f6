package dev.perennial.predictionlog;

/**
 * What calls of tensors, which leave no record of their own, add up to within a minute. Tallies of the same minute, version and group add up.
 *
 * @param minute epoch minute of the scorer's clock in which they were answered
 * @param version the version that was drawn for them
 * @param group which calls they are
 */
public record CallTally(long minute, String version, Group group, Counts counts, Times times) {

    /** Which calls of a version. */
    public enum Group {
        /** Calls of a version on trial: those of a canary, and copies that a shadow was given. */
        CANDIDATE,
        /** Calls of the champion by callers who are drawn as the candidate's are. */
        CONTROL,
        /** All other calls of the champion. */
        REST
    }

    /**
     * @param calls failed ones included
     * @param rows of the first tensor of each call, 1 at least
     * @param errors calls that the version could not answer
     * @param fallbacks those of them that another version answered in its place
     */
    public record Counts(long calls, long rows, long errors, long fallbacks) {
        Counts plus(Counts other) {
            return new Counts(
                    calls + other.calls, rows + other.rows, errors + other.errors, fallbacks + other.fallbacks);
        }
    }

    /**
     * The version's own compute time.
     *
     * @param timed calls whose time is known
     * @param log sum of the natural logarithms of their microseconds, of which each has one at least
     * @param logSquares sum of the squares of these
     */
    public record Times(long timed, double log, double logSquares) {
        /** Of calls that nobody timed. */
        public static final Times NONE = new Times(0, 0, 0);

        /** Of one call. */
        public static Times of(long micros) {
            double log = Math.log(Math.max(1, micros));
            return new Times(1, log, log * log);
        }

        Times plus(Times other) {
            return new Times(timed + other.timed, log + other.log, logSquares + other.logSquares);
        }
    }

    /** The same calls, answered in a minute. */
    public CallTally at(long answered) {
        return new CallTally(answered, version, group, counts, times);
    }

    /** Both together; the other one must be of the same minute, version and group. */
    public CallTally plus(CallTally other) {
        return new CallTally(minute, version, group, counts.plus(other.counts), times.plus(other.times));
    }
}
