package dev.perennial.server.mlflow;

import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.function.Consumer;

/**
 * The small body of a call, gathered on the event loop before a thread is given to it, which costs less than handing over piece by piece.
 * Large bodies, those of unknown length and files come as a {@link BodyStream}.
 */
final class WholeBody {
    private static final int BYTES_MAX = 1 << 20;
    private static final int DIGITS_MAX = 7;

    private WholeBody() {}

    /** Whether a request says that its body is small. */
    static boolean fits(HttpServerRequest request, String path) {
        if (!path.contains("/mlflow/")) {
            return false;
        }
        String length = request.getHeader("Content-Length");
        return length != null
                && !length.isEmpty()
                && length.length() <= DIGITS_MAX
                && length.chars().allMatch(c -> c >= '0' && c <= '9')
                && Integer.parseInt(length) <= BYTES_MAX;
    }

    /** Calls back on the event loop when the body is complete; never when the client leaves before. */
    static void of(HttpServerRequest request, Consumer<InputStream> complete) {
        ByteArrayOutputStream body = new ByteArrayOutputStream(Integer.parseInt(request.getHeader("Content-Length")));
        request.handler(piece -> body.writeBytes(piece.getBytes()));
        request.endHandler(ignored -> complete.accept(new ByteArrayInputStream(body.toByteArray())));
        request.resume();
    }
}
