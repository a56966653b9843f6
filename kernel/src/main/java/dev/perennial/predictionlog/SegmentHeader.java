package dev.perennial.predictionlog;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first frame of a segment. Scorer, generation and number name a segment for good: delivering it twice changes nothing.
 *
 * @param endpoint the endpoint whose predictions follow
 * @param scorer id of the scorer that wrote it
 * @param generation grows with each start of that scorer
 * @param number grows with each segment of a generation
 * @param columns the feature columns of every prediction in this segment, in order; without those that the policy leaves out
 * @param policy what is left out; null when nothing is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record SegmentHeader(
        String endpoint,
        String scorer,
        long generation,
        long number,
        List<LogColumn> columns,
        @Nullable LogPolicy policy) {
    public SegmentHeader {
        columns = List.copyOf(columns);
    }

    /** Of a segment that leaves nothing out. */
    public SegmentHeader(String endpoint, String scorer, long generation, long number, List<LogColumn> columns) {
        this(endpoint, scorer, generation, number, columns, null);
    }
}
