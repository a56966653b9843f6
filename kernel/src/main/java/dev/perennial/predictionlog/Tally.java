package dev.perennial.predictionlog;

/**
 * How many rows a version answered within a minute, whether they are in the log or not. Tallies of the same minute add up. What is in no
 * log, because it was sampled out, dropped or failed, is counted here: all answered rows are those of the log plus what the tallies have
 * more than they say is logged.
 *
 * @param minute epoch minute of the scorer's clock in which they were answered
 * @param rows rows that were answered
 * @param logged those of them that are in the log
 * @param errors requests that the version failed to answer
 */
public record Tally(long minute, String version, Role role, long rows, long logged, long errors) {
    /** Both together; the other one must be of the same minute, version and role. */
    public Tally plus(Tally other) {
        return new Tally(minute, version, role, rows + other.rows, logged + other.logged, errors + other.errors);
    }
}
