package dev.perennial.tracking;

import org.jspecify.annotations.Nullable;

/**
 * An entry of a directory of artifacts.
 *
 * @param name without its directory
 * @param sizeBytes null for a directory
 */
public record ArtifactFile(String name, @Nullable Long sizeBytes) {
    public boolean directory() {
        return sizeBytes == null;
    }
}
