package dev.perennial.store;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Blobs as read-only files {@code ab/<62 digits>}. Cost of a put: one pass over the bytes and three fsyncs; of a read: one pass and one
 * hash.
 */
public final class FileBlobStore implements BlobStore {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int FOLDER_DIGITS = 2;
    private static final Duration FORGOTTEN_AFTER = Duration.ofDays(1);
    private static final int VERIFIED_MAX = 100_000;

    private final Path root;
    private final Path temporary;
    private final Set<Digest> verified = ConcurrentHashMap.newKeySet();
    private final CondemnedBlobs condemned;

    /** The folder is made where it is missing. */
    public FileBlobStore(Path root) {
        this.root = root.toAbsolutePath();
        this.temporary = this.root.resolve("tmp");
        this.condemned = new CondemnedBlobs(temporary, this::path);
        try {
            Files.createDirectories(temporary);
            condemned.pardonAll();
            removeForgotten();
        } catch (IOException e) {
            throw failed("cannot create " + temporary, e);
        }
    }

    /** What a killed process left; others may be writing, so only files older than the newest by a day. */
    private void removeForgotten() throws IOException {
        FileTime newest =
                FileTime.from(Files.getLastModifiedTime(temporary).toInstant().minus(FORGOTTEN_AFTER));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(temporary)) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file).compareTo(newest) < 0) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    @Override
    public Digest put(InputStream bytes) {
        Path file = null;
        try {
            file = Files.createTempFile(temporary, "put", "");
            Digest digest = write(bytes, file);
            if (intact(digest)) {
                return digest;
            }
            Path target = path(digest);
            Path folder = root.resolve(digest.hex().substring(0, FOLDER_DIGITS));
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
                force(root);
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            force(folder);
            remember(digest);
            return digest;
        } catch (IOException e) {
            throw failed("cannot store a blob under " + root, e);
        } finally {
            discard(file);
        }
    }

    private static Digest write(InputStream bytes, Path file) throws IOException {
        MessageDigest sha = Digest.sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int n = bytes.read(buffer); n >= 0; n = bytes.read(buffer)) {
                sha.update(buffer, 0, n);
                ByteBuffer piece = ByteBuffer.wrap(buffer, 0, n);
                while (piece.hasRemaining()) {
                    channel.write(piece);
                }
            }
            channel.force(true);
        }
        return Digest.ofHash(sha.digest());
    }

    /** Whether the blob is there with the right bytes; a damaged one is replaced by the next put. */
    private boolean intact(Digest digest) {
        Path target = path(digest);
        if (!Files.exists(target)) {
            return false;
        }
        if (!verified.contains(digest)) {
            if (!Digest.ofFile(target).equals(digest)) {
                return false;
            }
            remember(digest);
        }
        return condemned.touch(target);
    }

    /** Every blob with the time of its last put, in no order. */
    void each(BiConsumer<Digest, Instant> visitor) {
        try {
            condemned.each(root, visitor);
        } catch (IOException e) {
            throw failed("cannot list the blobs under " + root, e);
        }
    }

    /**
     * Deletes a blob that nothing names, unless it was put at or after a time; a put that happens meanwhile wins.
     *
     * @return its size when it was deleted
     */
    OptionalLong discard(Digest digest, Instant putBefore) {
        try {
            OptionalLong gone = condemned.discard(digest, putBefore);
            if (gone.isPresent()) {
                verified.remove(digest);
            }
            return gone;
        } catch (IOException e) {
            throw failed("cannot delete blob " + digest, e);
        }
    }

    private void remember(Digest digest) {
        if (verified.size() >= VERIFIED_MAX) {
            verified.clear();
        }
        verified.add(digest);
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void discard(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw failed("cannot remove " + file, e);
        }
    }

    @Override
    public Digest put(byte[] bytes) {
        return put(new ByteArrayInputStream(bytes));
    }

    @Override
    public Digest putFile(Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            return put(bytes);
        } catch (IOException e) {
            throw failed("cannot read " + file, e);
        }
    }

    @Override
    public boolean has(Digest digest) {
        return Files.isRegularFile(path(digest));
    }

    @Override
    public long size(Digest digest) {
        try {
            return Files.size(path(digest));
        } catch (NoSuchFileException e) {
            throw missing(digest, e);
        } catch (IOException e) {
            throw failed("cannot read blob " + digest, e);
        }
    }

    @Override
    public Optional<Digest> found(Digest digest) {
        if (!has(digest)) {
            verified.remove(digest);
            return Optional.empty();
        }
        Digest found = Digest.ofFile(path(digest));
        if (found.equals(digest)) {
            remember(digest);
        } else {
            verified.remove(digest);
        }
        return Optional.of(found);
    }

    @Override
    public byte[] bytes(Digest digest) {
        try {
            byte[] bytes = Files.readAllBytes(path(digest));
            check(digest, Digest.of(bytes));
            return bytes;
        } catch (NoSuchFileException e) {
            throw missing(digest, e);
        } catch (IOException e) {
            throw failed("cannot read blob " + digest, e);
        }
    }

    @Override
    public InputStream open(Digest digest) {
        try {
            return new VerifyingStream(Files.newInputStream(path(digest)), digest);
        } catch (NoSuchFileException e) {
            throw missing(digest, e);
        } catch (IOException e) {
            throw failed("cannot read blob " + digest, e);
        }
    }

    @Override
    public Path file(Digest digest) {
        Path file = path(digest);
        if (!Files.isRegularFile(file)) {
            throw missing(digest, null);
        }
        if (!verified.contains(digest)) {
            check(digest, Digest.ofFile(file));
            remember(digest);
        }
        return file;
    }

    private Path path(Digest digest) {
        String hex = digest.hex();
        return root.resolve(hex.substring(0, FOLDER_DIGITS)).resolve(hex.substring(FOLDER_DIGITS));
    }

    private static void check(Digest expected, Digest found) {
        if (!expected.equals(found)) {
            throw new PerennialException(
                    ErrorCode.INTERNAL,
                    "blob " + expected + " is damaged: its bytes have the digest " + found
                            + "; restore it from a copy");
        }
    }

    private static PerennialException missing(Digest digest, @Nullable IOException cause) {
        return new PerennialException(ErrorCode.NOT_FOUND, "no blob " + digest + " in the store", null, cause);
    }

    private static PerennialException failed(String what, IOException cause) {
        String text = String.valueOf(cause.getMessage());
        boolean full =
                text.contains("No space left") || text.contains("quota exceeded") || text.contains("not enough space");
        return new PerennialException(
                full ? ErrorCode.STORAGE_FULL : ErrorCode.INTERNAL, what + ": " + text, null, cause);
    }

    /** Hashes what passes and compares at the end. */
    private static final class VerifyingStream extends FilterInputStream {
        private final MessageDigest sha = Digest.sha256();
        private final Digest expected;
        private boolean checked;

        VerifyingStream(InputStream in, Digest expected) {
            super(in);
            this.expected = expected;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = super.read(buffer, offset, length);
            if (n > 0) {
                sha.update(buffer, offset, n);
            } else if (n < 0 && !checked) {
                checked = true;
                check(expected, Digest.ofHash(sha.digest()));
            }
            return n;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = 0;
            byte[] buffer = new byte[BUFFER_BYTES];
            while (skipped < count) {
                int n = read(buffer, 0, (int) Math.min(buffer.length, count - skipped));
                if (n < 0) {
                    break;
                }
                skipped += n;
            }
            return skipped;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
