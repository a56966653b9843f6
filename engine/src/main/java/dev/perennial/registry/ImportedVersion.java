package dev.perennial.registry;

import dev.perennial.tracking.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A version as another server has it.
 *
 * @param origin its storage is the place on this server where its files are now, or where clients reach them; null when the source says it
 * @param standing without a manifest, which is made here
 */
public record ImportedVersion(
        int number,
        RegisteredVersion.Origin origin,
        VersionStage stage,
        RegisteredVersion.Standing standing,
        RegisteredVersion.Times times,
        String user,
        @Nullable String description,
        List<KeyValue> tags) {
    public ImportedVersion {
        tags = List.copyOf(tags);
    }
}
