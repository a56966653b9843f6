package dev.perennial.pipelines;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * What a worker reports of a step that succeeded; also the content of the file that it leaves beside the staging folder before it
 * reports, so that its work survives its death.
 *
 * @param values small results, by name
 * @param files paths inside the staging folder, by name
 */
public record WorkerResult(Map<String, JsonNode> values, Map<String, String> files, Usage usage) {
    public WorkerResult {
        values = Map.copyOf(values);
        files = Map.copyOf(files);
    }

    /** What the attempt cost. */
    public record Usage(long cpuMillis, long peakRssBytes) {}
}
