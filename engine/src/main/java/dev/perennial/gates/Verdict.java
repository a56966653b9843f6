package dev.perennial.gates;

import java.util.Collection;

/**
 * The answer of one gate, and of all gates together. The whole takes its worst part, in the order of this list: an error beats a
 * failure, because then not even the failure can be believed; a failure beats missing data, because more data would not mend it.
 */
public enum Verdict {
    /** The gate could not be judged: the evaluation contradicts itself. */
    ERROR,
    /** What the gate asks for was not shown. */
    FAIL,
    /** The gate cannot be judged honestly yet: too few days, a holdout that a model saw, something was not measured. */
    INSUFFICIENT_DATA,
    /** Passed, but a named person must look and sign. */
    REVIEW,
    /** Shown. */
    PASS;

    /** The worst of several; an empty collection is an error, since nothing was judged. */
    public static Verdict worst(Collection<Verdict> verdicts) {
        return verdicts.stream().min(Verdict::compareTo).orElse(ERROR);
    }
}
