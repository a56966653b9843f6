package dev.perennial.pipelines;

/** Why an attempt did not succeed; decides which retry budget pays. */
public enum FailureClass {
    /** No failure. */
    NONE,
    /** The step's program or data. */
    USER,
    /** Out of memory. */
    OOM,
    /** The attempt took longer than its timeout. */
    TIMEOUT,
    /** Machine or platform: retried on a budget of its own. */
    INFRA,
    /** A wrong declaration; never retried. */
    CONFIG,
    /** A declared output is missing or breaks its contract; never retried. */
    CONTRACT,
    /** An error of the engine; never retried. */
    INTERNAL;

    /** Whether a second attempt can help at all. */
    boolean retryable() {
        return this == USER || this == OOM || this == TIMEOUT || this == INFRA;
    }
}
