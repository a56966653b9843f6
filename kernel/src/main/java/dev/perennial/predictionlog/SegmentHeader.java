package dev.perennial.predictionlog;

import java.util.List;

/**
 * The first frame of a segment. Scorer, generation and number name a segment for good: delivering it twice changes nothing.
 *
 * @param endpoint the endpoint whose predictions follow
 * @param scorer id of the scorer that wrote it
 * @param generation grows with each start of that scorer
 * @param number grows with each segment of a generation
 * @param columns the feature columns of every prediction in this segment, in order
 */
public record SegmentHeader(String endpoint, String scorer, long generation, long number, List<LogColumn> columns) {
    public SegmentHeader {
        columns = List.copyOf(columns);
    }
}
