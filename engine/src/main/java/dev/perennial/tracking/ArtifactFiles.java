package dev.perennial.tracking;

import java.io.InputStream;
import java.util.List;

/** Where artifacts are kept. A file is replaced as a whole: readers have the old bytes or the new ones. Thread-safe. */
interface ArtifactFiles {
    /** Stores a file, replacing the one of that name. */
    void put(ArtifactPath path, InputStream bytes);

    /** The direct children of a directory, by name; an absent directory has none. */
    List<ArtifactFile> list(ArtifactPath directory);

    /** Opens a file for reading; {@code NOT_FOUND} when there is none. */
    OpenArtifact open(ArtifactPath path);

    /** Deletes a file, or a directory with everything below it; {@code NOT_FOUND} when there is nothing. */
    void delete(ArtifactPath path);

    /**
     * Every file below a directory, or the file itself, as blobs; in the order of their paths.
     *
     * @return entries with paths below the root
     */
    List<ArtifactManifest.Entry> freeze(ArtifactPath root);
}
