package dev.perennial.pipelines;

/**
 * One change of state.
 *
 * @param seq position within the run, from 1 without gaps
 * @param path the step, empty for the run itself
 * @param attempt its attempt, 0 for the step itself
 * @param from empty for the first state
 */
public record RunEvent(RunId run, long seq, String path, int attempt, String from, String to, long at, String cause) {}
