package dev.perennial.tracking;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;

/**
 * An artifact that is being read: its size and bytes stay the same, whatever is stored under its name meanwhile. Used by one thread; close
 * it.
 */
public final class OpenArtifact implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private OpenArtifact(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static OpenArtifact of(Path file, OpenOption... options) throws NoSuchFileException {
        try {
            return new OpenArtifact(file, FileChannel.open(file, Set.of(options)));
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
