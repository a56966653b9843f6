package dev.perennial.server.mlflow;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the JSON of an answer without a tree of nodes. A short answer is sent whole; of a long one each piece leaves when it is full and
 * the one before has left, so that the length of an answer costs no memory. Not thread-safe.
 */
final class JsonText {
    private static final int PIECE_BYTES = 256 << 10;
    private static final int START_BYTES = 4 << 10;
    private static final int HEX = 16;
    private static final byte[] HEX_DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final HttpServerResponse response;
    private byte[] bytes = new byte[START_BYTES];
    private int length;
    private boolean began;

    JsonText(HttpServerResponse response) {
        this.response = response;
    }

    /** Marks and names of members as they are; ASCII. */
    JsonText raw(String ascii) {
        int count = ascii.length();
        room(count);
        for (int i = 0; i < count; i++) {
            bytes[length++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    JsonText whole(long number) {
        return raw(Long.toString(number));
    }

    /** Infinities and NaN as texts, as clients of MLflow know them. */
    JsonText real(double number) {
        return Double.isFinite(number)
                ? raw(Double.toString(number))
                : raw("\"").raw(Double.toString(number)).raw("\"");
    }

    /** A part that is rare enough to be a tree. */
    JsonText node(com.fasterxml.jackson.databind.JsonNode node) {
        byte[] utf8 = node.toString().getBytes(StandardCharsets.UTF_8);
        room(utf8.length);
        System.arraycopy(utf8, 0, bytes, length, utf8.length);
        length += utf8.length;
        return this;
    }

    /** A text in quotes. */
    JsonText text(String text) {
        int count = text.length();
        room(count + 2);
        bytes[length++] = '"';
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\' || c > '~') {
                rest(text, i);
                break;
            }
            bytes[length++] = (byte) c;
        }
        room(1);
        bytes[length++] = '"';
        return this;
    }

    /** The end of a text that has something to escape or is more than ASCII. */
    private void rest(String text, int from) {
        byte[] utf8 = text.substring(from).getBytes(StandardCharsets.UTF_8);
        room(6 * utf8.length + 1);
        for (byte b : utf8) {
            if (b == '"' || b == '\\') {
                bytes[length++] = '\\';
                bytes[length++] = b;
            } else if (b >= 0 && b < ' ') {
                raw("\\u00");
                bytes[length++] = HEX_DIGITS[b / HEX];
                bytes[length++] = HEX_DIGITS[b % HEX];
            } else {
                bytes[length++] = b;
            }
        }
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    /** A place between two items, where a full piece may leave. Waits for the client to take the piece before. */
    void pass() {
        if (length >= PIECE_BYTES) {
            if (!began) {
                began = true;
                response.putHeader("Content-Type", "application/json").setChunked(true);
            }
            response.write(Buffer.buffer().appendBytes(bytes, 0, length))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            length = 0;
        }
    }

    /** Sends what is left. */
    void end() {
        Buffer last = Buffer.buffer().appendBytes(bytes, 0, length);
        if (!began) {
            response.putHeader("Content-Type", "application/json");
        }
        response.end(last);
    }
}
