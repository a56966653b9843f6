package dev.perennial.scorer.telemetry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a request's time.
 *
 * @param id 16 hexadecimal digits
 * @param parent id of the span in which it lies; null for the first of a trace
 * @param server whether it is the request as a caller sees it
 * @param begin epoch nanoseconds
 * @param end epoch nanoseconds
 * @param attributes pairs of name and value
 * @param error why it failed; null when it did not
 */
public record Span(
        String trace,
        String id,
        @Nullable String parent,
        @Nullable String state,
        String name,
        boolean server,
        long begin,
        long end,
        List<String> attributes,
        @Nullable String error) {}
