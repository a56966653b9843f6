package dev.perennial.serving;

import dev.perennial.kernel.ModelId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint as it is kept.
 *
 * @param name unique in the installation; {@code NAME@REPLAY} inside a replay
 * @param project null: that of the model whose lifecycle file made it
 * @param key columns that form the prediction id; may be none
 * @param rollout the newest rollout, whether it runs or not
 * @param isDefault whether it answers the routes that name no endpoint
 * @param edition grows with each change of what is declared
 */
public record ServedEndpoint(
        ModelId name,
        Origin origin,
        @Nullable String project,
        List<String> key,
        EndpointSettings settings,
        @Nullable String rollout,
        boolean isDefault,
        int edition,
        @Nullable Long createdAt,
        @Nullable String createdBy) {
    public ServedEndpoint {
        key = List.copyOf(key);
    }

    /** Who made an endpoint, and alone changes it. */
    public enum Origin {
        /** The lifecycle file of the model of its name. */
        lifecycle,
        /** People. */
        api
    }
}
