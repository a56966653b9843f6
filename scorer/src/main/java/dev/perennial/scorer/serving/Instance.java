package dev.perennial.scorer.serving;

import dev.perennial.scoring.Row;

/**
 * One row to be scored.
 *
 * @param row values by position of the schema's columns
 * @param given by position, whether the caller named the column at all
 */
@SuppressWarnings("ArrayRecordComponent")
public record Instance(String id, long predictedAt, long eventTime, Row row, boolean[] given) {}
