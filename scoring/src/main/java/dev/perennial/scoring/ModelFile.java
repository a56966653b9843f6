package dev.perennial.scoring;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A model file, mapped read-only: it takes no heap, however large it is, and what was verified is what is loaded. The bytes must not be
 * used after {@link #close}. Thread-safe.
 */
public final class ModelFile implements AutoCloseable {
    /** The largest file that can be loaded. */
    public static final long BYTES_MAX = 1L << 30;

    private final Arena arena;
    private final ByteBuffer bytes;

    private ModelFile(Arena arena, ByteBuffer bytes) {
        this.arena = arena;
        this.bytes = bytes;
    }

    /**
     * @throws PerennialException for a file of more than {@link #BYTES_MAX} bytes
     * @throws IOException when it cannot be read
     */
    public static ModelFile open(Path path) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size > BYTES_MAX) {
                throw tooLarge(size, BYTES_MAX);
            }
            ByteBuffer bytes = size == 0
                    ? ByteBuffer.allocateDirect(0)
                    : channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena).asByteBuffer();
            ModelFile file = new ModelFile(arena, bytes);
            arena = null; // now the file's
            return file;
        } finally {
            if (arena != null) {
                arena.close();
            }
        }
    }

    static PerennialException tooLarge(long bytes, long most) {
        return new PerennialException(
                ErrorCode.TOO_LARGE, "a model file of " + bytes + " bytes; at most " + most + " are possible");
    }

    /** All bytes, read-only and outside of the heap, as a view of its own. */
    public ByteBuffer bytes() {
        return bytes.duplicate();
    }

    /** SHA-256 of the bytes; reads all of them. */
    public Digest digest() {
        MessageDigest sha = Digest.sha256();
        sha.update(bytes());
        return Digest.ofHash(sha.digest());
    }

    /** Ends the mapping. */
    @Override
    public void close() {
        arena.close();
    }
}
