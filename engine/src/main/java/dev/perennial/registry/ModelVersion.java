package dev.perennial.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.VersionId;
import org.jspecify.annotations.Nullable;

/**
 * A registered version; immutable but for its state.
 *
 * @param eventTime the model's clock when it was registered
 * @param createdAt wall clock
 * @param manifest digest of the model manifest (signature, categories, examples)
 * @param file digest of the model file
 * @param lifecycle digest of the lifecycle file that made it
 * @param snapshot digest of the training snapshot's manifest, null for an imported version
 * @param run the tracking run, null when there is none
 * @param trainedUntil it saw only events before this moment; null when that is not proven
 */
public record ModelVersion(
        VersionId id,
        long createdAt,
        long eventTime,
        Source source,
        Digest manifest,
        Digest file,
        Digest lifecycle,
        @Nullable Digest snapshot,
        @Nullable String run,
        @Nullable Long trainedUntil,
        State state,
        JsonNode metrics) {

    /** Where a version comes from. */
    public enum Source {
        TRAINED,
        IMPORTED
    }

    /** Where a version stands in its life. */
    public enum State {
        CANDIDATE,
        REFUSED,
        IN_REVIEW,
        ROLLING_OUT,
        CHAMPION,
        STOPPED,
        RETIRED
    }
}
