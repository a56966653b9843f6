package dev.perennial.store.backup;

import dev.perennial.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;

/** Durable copies of single files: there whole under their name, or not at all. */
final class Copies {
    static final String OWNER_ONLY = "rw-------";
    static final String OWNER_FOLDER = "rwx------";

    private static final int BUFFER_BYTES = 1 << 16;

    private Copies() {}

    /** Copies a file and returns the digest of what was written. The copy is readable by its owner alone. */
    static Digest copy(Path from, Path to) throws IOException {
        Path temporary = to.resolveSibling(to.getFileName() + ".part");
        try (InputStream bytes = Files.newInputStream(from)) {
            Digest digest = write(bytes, temporary);
            Files.move(temporary, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return digest;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static Digest write(InputStream bytes, Path to) throws IOException {
        MessageDigest sha = Digest.sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        Files.deleteIfExists(to);
        Files.createFile(to, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
        try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
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

    /** A folder for its owner alone, with all above it that is missing. */
    static void folder(Path folder) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_FOLDER)));
    }

    /** Makes names in a folder durable. */
    static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Makes the bytes of a file durable that somebody else wrote, and keeps it from others. */
    static void forceFile(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(OWNER_ONLY));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
