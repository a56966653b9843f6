package dev.perennial.scorings;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/** Takes a file that is sent: it is there wholly, with the digest that was told, or not at all. */
final class Arrived {
    /** The largest file that can be sent; the server's own limit for a body. */
    static final long BYTES_MAX = 1L << 30;

    private Arrived() {}

    static void take(InputStream bytes, Path target, Digest told) {
        Path growing = target.resolveSibling(
                target.getFileName() + "." + Thread.currentThread().threadId() + ".new");
        try {
            refuseOther(write(bytes, growing), told);
            Files.move(growing, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new PerennialException(
                    ErrorCode.STORAGE_FULL, "the file could not be taken: " + e.getMessage(), null, e);
        } finally {
            growing.toFile().delete();
        }
    }

    /** Reads a file that is sent once more; refuses one that is another. */
    static void compare(InputStream bytes, Digest told) {
        try (OutputStream nowhere = OutputStream.nullOutputStream()) {
            DigestInputStream counted = new DigestInputStream(bytes, Digest.sha256());
            counted.transferTo(nowhere);
            refuseOther(Digest.ofHash(counted.getMessageDigest().digest()), told);
        } catch (IOException e) {
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE, "the file could not be read: " + e.getMessage(), null, e);
        }
    }

    private static void refuseOther(Digest found, Digest told) {
        if (!found.equals(told)) {
            throw PerennialException.invalid(
                    "digest",
                    "the file that came has sha256 " + found + ", told was " + told
                            + "; it changed, or was cut short on its way: send it again");
        }
    }

    private static Digest write(InputStream bytes, Path file) throws IOException {
        MessageDigest sha = Digest.sha256();
        DigestInputStream counted = new DigestInputStream(bytes, sha);
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            long size = 0;
            for (int n = counted.read(buffer); n >= 0; n = counted.read(buffer)) {
                size += n;
                if (size > BYTES_MAX) {
                    throw new PerennialException(
                            ErrorCode.TOO_LARGE,
                            "a file of more than " + BYTES_MAX + " bytes cannot be sent; put it on the server's machine"
                                    + " and score it there, or pack it (.gz)");
                }
                out.write(buffer, 0, n);
            }
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        return Digest.ofHash(sha.digest());
    }
}
