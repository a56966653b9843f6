package dev.perennial.server.mlflow;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a request as a blocking stream for a virtual thread. Made on the event loop before the first byte is taken; one piece is
 * asked for at a time, so a slow reader holds the sender back instead of filling the heap.
 */
final class BodyStream extends InputStream {
    private static final int WAIT_SECONDS_MAX = 60;

    /** What arrives from the event loop. */
    private sealed interface Piece {
        record Bytes(Buffer buffer) implements Piece {}

        record End() implements Piece {}

        record Broken(Throwable failure) implements Piece {}
    }

    private final HttpServerRequest request;
    private final LinkedBlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private volatile boolean discarding;
    private byte[] current = new byte[0];
    private int at;
    private boolean ended;

    BodyStream(HttpServerRequest request) {
        this.request = request;
        request.handler(buffer -> {
            if (!discarding) {
                pieces.add(new Piece.Bytes(buffer));
            }
        });
        request.endHandler(ignored -> pieces.add(new Piece.End()));
        request.exceptionHandler(failure -> pieces.add(new Piece.Broken(failure)));
        request.pause();
        request.fetch(1);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        while (at == current.length) {
            if (ended || !next()) {
                return -1;
            }
        }
        int count = Math.min(length, current.length - at);
        System.arraycopy(current, at, target, offset, count);
        at += count;
        return count;
    }

    private boolean next() throws IOException {
        switch (take()) {
            case Piece.Bytes(Buffer buffer) -> {
                current = buffer.getBytes();
                at = 0;
                request.fetch(1);
                return true;
            }
            case Piece.End ignored -> {
                ended = true;
                return false;
            }
            case Piece.Broken(Throwable failure) -> throw new IOException("the request broke off", failure);
        }
    }

    private Piece take() throws IOException {
        try {
            Piece piece = pieces.poll(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
            if (piece == null) {
                throw new PerennialException(
                        ErrorCode.MALFORMED_REQUEST,
                        "the body stopped arriving for " + WAIT_SECONDS_MAX + " s; send it again");
            }
            return piece;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the request was read", e);
        }
    }

    /** Lets the rest pass unread, so that the connection can be used again. */
    @Override
    public void close() {
        discarding = true;
        if (!ended) {
            request.resume();
        }
    }
}
