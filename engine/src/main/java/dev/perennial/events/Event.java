package dev.perennial.events;

import org.jspecify.annotations.Nullable;

/**
 * Something that happened, told in one line.
 *
 * @param seq grows by one with each committed event
 * @param at the model's clock
 * @param recordedAt wall clock
 * @param ref what it is about: {@code decision:ID}, {@code alert:ID}, {@code version:3}
 */
public record Event(
        long seq,
        long at,
        long recordedAt,
        String model,
        String kind,
        String title,
        String text,
        @Nullable String ref) {}
