package dev.perennial.tracking;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where artifacts go.
 *
 * @param destination a folder that keeps what clients send to this server as plain files; empty for the blob store
 * @param defaultRoot where new experiments keep their artifacts, each below its id: a folder or an address; empty for this server
 */
public record ArtifactSettings(Optional<Path> destination, Optional<String> defaultRoot) {
    public static ArtifactSettings none() {
        return new ArtifactSettings(Optional.empty(), Optional.empty());
    }

    /** The folder of this machine that the default root means; empty when it is an address of something else. */
    public Optional<Path> rootFolder() {
        return defaultRoot.flatMap(Locations::localFolder);
    }
}
