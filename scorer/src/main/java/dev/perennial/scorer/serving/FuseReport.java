package dev.perennial.scorer.serving;

import java.util.List;

/**
 * Why a candidate was taken out.
 *
 * @param errors failed calls
 * @param calls all calls
 * @param examples the first few failures
 */
public record FuseReport(
        String endpoint, String version, String reason, long errors, long calls, List<Example> examples) {
    public FuseReport {
        examples = List.copyOf(examples);
    }

    public record Example(String id, String error) {}
}
