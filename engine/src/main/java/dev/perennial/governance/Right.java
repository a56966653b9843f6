package dev.perennial.governance;

/** What one may do with an object; each right includes those before it. */
public enum Right {
    /** See it, and that it exists. */
    READ,
    /** Call what serves it. */
    USE,
    /** Change what it holds. */
    EDIT,
    /** Delete it, and grant rights on it. */
    MANAGE
}
