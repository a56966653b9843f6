package dev.perennial.tracking.models;

/** Whether the files of a logged model are there: a client says so when it has sent them. */
public enum ModelStatus {
    PENDING,
    READY,
    FAILED
}
