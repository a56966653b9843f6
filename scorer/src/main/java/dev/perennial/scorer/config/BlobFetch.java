package dev.perennial.scorer.config;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelFile;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * Fetches model files from the server in pieces of 4 MiB. A file stands under its name only when it is whole and has the digest; what a
 * broken fetch left is gone on with. One fetch at a time. Thread-safe.
 */
public final class BlobFetch implements BlobSource {
    private static final int PIECE_BYTES = 4 << 20;
    private static final long BYTES_MAX = (1L << 30) + PIECE_BYTES;
    private static final long TIMEOUT_MILLIS = 60_000;
    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    private final ServerLink link;

    public BlobFetch(ServerLink link) {
        this.link = link;
    }

    @Override
    public synchronized void ensure(String digest, Path file) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        Files.createDirectories(file.getParent());
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            append(digest, part);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while fetching blob " + digest, e);
        }
        try (ModelFile whole = ModelFile.open(part)) {
            if (!whole.digest().hex().equals(digest)) {
                Files.delete(part);
                throw new IOException("what the server sent as blob " + digest + " has sha256 " + whole.digest()
                        + "; it is fetched again");
            }
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private void append(String digest, Path part) throws IOException, InterruptedException {
        try (FileChannel out = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            byte[] piece;
            do {
                piece = piece(digest, out.size());
                ByteBuffer bytes = ByteBuffer.wrap(piece);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                if (out.size() > BYTES_MAX) {
                    throw new IOException("blob " + digest + " has more than " + BYTES_MAX + " bytes");
                }
            } while (piece.length == PIECE_BYTES);
            out.force(true);
        }
    }

    private byte[] piece(String digest, long from) throws IOException, InterruptedException {
        String path = "/blobs/" + digest + "?from=" + from;
        ServerLink.Reply reply = link.call(HttpMethod.GET, path, Map.of(), new byte[0], TIMEOUT_MILLIS);
        if (reply.status() == FORBIDDEN || reply.status() == NOT_FOUND) {
            throw new PerennialException(
                    ErrorCode.NOT_FOUND, "the server does not give blob " + digest + ": " + reply.text());
        }
        if (reply.status() != OK) {
            throw new IOException("blob " + digest + " was answered with " + reply.status());
        }
        return reply.body();
    }

    @Override
    public void damaged(Path file) throws IOException {
        Files.deleteIfExists(file);
    }
}
