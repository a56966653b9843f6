package dev.perennial.scorer.config;

import java.io.IOException;
import java.nio.file.Path;

/** Where model files come from that are not there yet. Thread-safe. */
public interface BlobSource {
    /** The server's own folder: what is not there is not there. */
    BlobSource LOCAL = new BlobSource() {
        @Override
        public void ensure(String digest, Path file) {}

        @Override
        public void damaged(Path file) {}
    };

    /**
     * Brings a blob to its place, unless something lies there already.
     *
     * @throws IOException when it could not be brought; another try goes on where this one ended
     */
    void ensure(String digest, Path file) throws IOException;

    /** A file does not hold what its name says. */
    void damaged(Path file) throws IOException;
}
