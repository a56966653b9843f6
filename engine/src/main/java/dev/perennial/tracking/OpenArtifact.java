package dev.perennial.tracking;

import dev.perennial.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An artifact that is being read: its size and bytes stay the same, whatever is stored under its name meanwhile. Used by one thread; close
 * it.
 */
public final class OpenArtifact implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final @Nullable Known known;

    /** What the bytes must be. */
    private record Known(String name, Digest digest) {}

    private OpenArtifact(Path file, FileChannel channel, @Nullable Known known) {
        this.file = file;
        this.channel = channel;
        this.known = known;
    }

    /** A file of which nobody says what its bytes must be. */
    static OpenArtifact of(Path file, OpenOption... options) throws NoSuchFileException {
        return open(file, null, options);
    }

    /** @param name as an error tells it */
    static OpenArtifact of(Path file, String name, Digest digest) throws NoSuchFileException {
        return open(file, new Known(name, digest), StandardOpenOption.READ);
    }

    private static OpenArtifact open(Path file, @Nullable Known known, OpenOption... options)
            throws NoSuchFileException {
        try {
            return new OpenArtifact(file, FileChannel.open(file, Set.of(options)), known);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** In bytes. */
    public long size() {
        try {
            return channel.size();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Fills a buffer from a place of the file; returns how many bytes came, or -1 behind its end. */
    public int read(ByteBuffer buffer, long from) {
        try {
            return channel.read(buffer, from);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** A check of all bytes for who reads them from the beginning to the end. */
    public Check check() {
        return new Check(known);
    }

    /** Takes the bytes in their order; for one thread. */
    public static final class Check {
        private final @Nullable Known known;
        private final MessageDigest sha = Digest.sha256();

        private Check(@Nullable Known known) {
            this.known = known;
        }

        public void take(byte[] bytes, int count) {
            if (known != null) {
                sha.update(bytes, 0, count);
            }
        }

        /** After the last byte: bytes that are not those that were stored are an error that names file, expected and found digest. */
        public void end() {
            if (known != null) {
                Digest found = Digest.ofHash(sha.digest());
                if (!found.equals(known.digest())) {
                    throw Artifacts.damaged("the artifact '" + known.name() + "' has changed", known.digest(), found);
                }
            }
        }
    }

    /** All bytes from the beginning. Closing it closes the artifact. */
    public InputStream stream() {
        return Channels.newInputStream(channel);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + file, e);
        }
    }
}
