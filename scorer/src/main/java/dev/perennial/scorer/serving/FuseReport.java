package dev.perennial.scorer.serving;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a candidate was taken out.
 *
 * @param rollout in which it was; empty when the server named none, null in reports that earlier releases kept
 * @param errors failed calls
 * @param calls all calls
 * @param examples the first few failures
 */
public record FuseReport(
        String endpoint,
        String version,
        @Nullable String rollout,
        String reason,
        long errors,
        long calls,
        List<Example> examples) {
    public FuseReport {
        examples = List.copyOf(examples);
    }

    /** Whether it speaks of this candidate in this rollout, as far as either is named. */
    boolean concerns(String name, String candidate, @Nullable String during) {
        return endpoint.equals(name)
                && version.equals(candidate)
                && (rollout == null || during == null || rollout.equals(during));
    }

    public record Example(String id, String error) {}
}
