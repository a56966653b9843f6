package dev.perennial.server.mlflow;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.OutputStream;

/**
 * The body of an answer that may be long. A short one is sent whole; of a long one each piece leaves when it is full and the client has
 * taken the one before, so that the length of an answer costs no memory. Nothing is sent before the first piece is full or the answer
 * has ended, so that a failure until then is answered as one. Not thread-safe.
 */
final class Pieces extends OutputStream {
    private static final int PIECE_BYTES = 256 << 10;
    private static final int START_BYTES = 4 << 10;

    private final HttpServerResponse response;
    private Buffer piece = Buffer.buffer(START_BYTES);
    private boolean began;

    Pieces(HttpServerResponse response) {
        this.response = response;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
        piece.appendBytes(bytes, from, count);
        if (piece.length() >= PIECE_BYTES) {
            send();
        }
    }

    private void send() {
        if (!began) {
            began = true;
            response.putHeader("Content-Type", "application/json").setChunked(true);
        }
        response.write(piece).toCompletionStage().toCompletableFuture().join();
        piece = Buffer.buffer(PIECE_BYTES);
    }

    /** Sends what is left. */
    void end() {
        if (!began) {
            response.putHeader("Content-Type", "application/json");
        }
        response.end(piece);
    }
}
