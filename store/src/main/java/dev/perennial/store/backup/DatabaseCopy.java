package dev.perennial.store.backup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** A consistent copy of the control database in the folder of a set. */
interface DatabaseCopy {
    String dialect();

    /** Copies the state of one moment into the folder; writers go on. */
    Content write(Path folder) throws IOException;

    /**
     * What was copied.
     *
     * @param schema version of the tables
     * @param blobs digests that some row names as a blob
     * @param files paths below the folder of the set
     */
    record Content(String schema, Set<String> blobs, List<Path> files) {}
}
