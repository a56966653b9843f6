package dev.perennial.tracking;

/** A tag or a parameter. */
public record KeyValue(String key, String value) {}
