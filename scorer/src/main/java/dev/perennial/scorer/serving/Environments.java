package dev.perennial.scorer.serving;

import dev.perennial.scoring.ModelManifest;
import org.jspecify.annotations.Nullable;

/** Where the environments of Python models are. Thread-safe. */
@FunctionalInterface
public interface Environments {
    /** The server's own folder: the one that the configuration names is there, or the model is refused. */
    Environments PREPARED = (manifest, told) -> told;

    /**
     * The environment of a model.
     *
     * @param told the one that the server made; null for other formats
     * @return digest of the one on this machine; null for other formats
     * @throws NotPrepared while there is none
     */
    @Nullable
    String of(ModelManifest manifest, @Nullable String told);
}
