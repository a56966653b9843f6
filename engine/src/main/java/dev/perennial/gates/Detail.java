package dev.perennial.gates;

/** Why a gate answered as it did, in one word that a program may act on. */
public enum Detail {
    /** What the gate asks for was shown, or reached. */
    SHOWN,
    /** No champion yet: gates against a champion are skipped. */
    FIRST_VERSION,
    /** The whole interval lies on the wrong side: the candidate is worse, and more data would say so again. */
    SHOWN_WORSE,
    /** The interval reaches across 0: superiority is open. */
    NOT_SHOWN_BETTER,
    /** The interval reaches across the margin: non-inferiority is open. */
    NOT_SHOWN_NOT_WORSE,
    /** The value misses its threshold. */
    NOT_REACHED,
    /** A gain beyond what is plausible, as leaks show it. */
    TOO_GOOD,
    /** A training cut-off that someone declared and nobody can prove. */
    CUT_OFF_DECLARED,
    /** Nobody says until when the model was trained. */
    CUT_OFF_UNKNOWN,
    /** A model was trained on rows of the holdout. */
    SAW_HOLDOUT,
    /** Fewer whole days than an interval needs. */
    TOO_FEW_DAYS,
    /** Fewer rows than the gate needs. */
    TOO_FEW_ROWS,
    /** Something that the gate needs was not measured. */
    NOT_MEASURED,
    /** The data of training or holdout break their contract. */
    DATA_BROKEN,
    /** The candidate's signature does not fit what callers send or what serving computes. */
    SIGNATURE_BROKEN,
    /** Feature values seen while serving differ from those computed for training. */
    SKEW,
    /** No threshold is declared that could tell a good candidate from a bad one. */
    NO_THRESHOLDS,
    /** The evaluation contradicts itself, or the gate names a metric that does not exist. */
    BROKEN_EVALUATION
}
