package dev.perennial.scorer.access;

/** What one may do with an endpoint, as the server's rights; each right includes those before it. */
public enum Right {
    /** See it and what it is made of. */
    READ,
    /** Ask it for answers. */
    USE,
    /** Choose the version that answers. */
    EDIT,
    /** Load and unload versions. */
    MANAGE
}
