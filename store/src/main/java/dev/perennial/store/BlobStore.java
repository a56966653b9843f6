package dev.perennial.store;

import dev.perennial.kernel.Digest;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Immutable bytes named by their SHA-256. A blob is there completely or not at all (temporary file, fsync, rename, fsync of the folder);
 * its bytes are verified when they are read. Thread-safe; several processes may write the same folder.
 */
public interface BlobStore {
    /** Stores the bytes of a stream and returns their digest; storing the same bytes twice keeps one copy. */
    Digest put(InputStream bytes);

    Digest put(byte[] bytes);

    /** Stores a copy of a file. */
    Digest putFile(Path file);

    boolean has(Digest digest);

    /** Size in bytes; {@code NOT_FOUND} when absent. */
    long size(Digest digest);

    /** The digest that the bytes of a blob have now; reads all of them. Empty when the blob is absent. */
    Optional<Digest> found(Digest digest);

    /** All bytes of a small blob, verified. */
    byte[] bytes(Digest digest);

    /** A stream that fails at its end when the bytes do not match the digest. */
    InputStream open(Digest digest);

    /** The local file of a blob, verified once for each process, for readers that need a path. It must not be changed. */
    Path file(Digest digest);
}
