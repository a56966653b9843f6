package dev.perennial.predictionlog;

/** A feature column of a segment. */
public record LogColumn(String name, ColumnType type) {}
