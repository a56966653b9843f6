package dev.perennial.scorer.http;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads whole request bodies up to a limit. */
final class Bodies {
    private Bodies() {}

    /** Exactly one of the two is called, on the event loop. */
    static void read(
            HttpServerRequest request, int bytesMax, Consumer<byte[]> then, Consumer<PerennialException> refused) {
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equals("identity")) {
            request.response().putHeader("Accept-Encoding", "gzip, deflate");
            refused.accept(new PerennialException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "content encoding '" + encoding + "' is not supported; use gzip or deflate",
                    "Content-Encoding",
                    null));
            return;
        }
        String type = request.getHeader("Content-Type");
        if (type != null && type.startsWith("multipart/")) {
            refused.accept(new PerennialException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "content type '" + type + "' is not supported; send JSON",
                    "Content-Type",
                    null));
            return;
        }
        String declared = request.getHeader("Content-Length");
        if (declared != null && declared.length() > 9 || declared != null && Long.parseLong(declared) > bytesMax) {
            refused.accept(tooLarge(bytesMax));
            return;
        }
        new Collector(bytesMax, then, refused).attach(request);
    }

    private static PerennialException tooLarge(int bytesMax) {
        return new PerennialException(
                ErrorCode.TOO_LARGE, "the body is larger than " + bytesMax + " bytes", "body", null);
    }

    private static final class Collector {
        private final int bytesMax;
        private final Consumer<byte[]> then;
        private final Consumer<PerennialException> refused;
        private @Nullable Buffer all;
        private boolean owned;
        private boolean done;

        Collector(int bytesMax, Consumer<byte[]> then, Consumer<PerennialException> refused) {
            this.bytesMax = bytesMax;
            this.then = then;
            this.refused = refused;
        }

        void attach(HttpServerRequest request) {
            request.handler(this::chunk);
            request.endHandler(end -> {
                if (!done) {
                    done = true;
                    then.accept(all == null ? new byte[0] : all.getBytes());
                }
            });
            request.exceptionHandler(e -> refuse(new PerennialException(
                    ErrorCode.MALFORMED_REQUEST, "the body cannot be read: " + e.getMessage(), "body", e)));
        }

        private void chunk(Buffer chunk) {
            if (done) {
                return;
            }
            Buffer before = all;
            int size = (before == null ? 0 : before.length()) + chunk.length();
            if (size > bytesMax) {
                refuse(tooLarge(bytesMax));
            } else if (before == null) {
                all = chunk;
            } else if (owned) {
                before.appendBuffer(chunk);
            } else {
                owned = true;
                all = Buffer.buffer(2 * size).appendBuffer(before).appendBuffer(chunk);
            }
        }

        private void refuse(PerennialException e) {
            if (!done) {
                done = true;
                all = null;
                refused.accept(e);
            }
        }
    }
}
