package dev.perennial.tracking;

/** Which stages a search sees. */
public enum View {
    ACTIVE_ONLY,
    DELETED_ONLY,
    ALL
}
