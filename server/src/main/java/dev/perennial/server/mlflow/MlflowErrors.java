package dev.perennial.server.mlflow;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Failures in the shape that MLflow's clients read: {@code error_code} and {@code message}. */
final class MlflowErrors {
    private static final Logger LOG = LoggerFactory.getLogger(MlflowErrors.class);

    /** Of a file whose first piece could not be sent. */
    private static final List<String> FILE_HEADERS = List.of("Content-Length", "Content-Range", "Content-Disposition");

    private MlflowErrors() {}

    static void send(HttpServerResponse response, RuntimeException failure) {
        PerennialException known = failure instanceof PerennialException ours
                ? ours
                : failure.getCause() instanceof PerennialException cause ? cause : null;
        if (known == null) {
            LOG.error("request failed", failure);
            send(
                    response,
                    ErrorCode.INTERNAL.httpStatus(),
                    ErrorCode.INTERNAL.mlflowCode(),
                    "the server failed to answer; its log has the reason");
            return;
        }
        if (known.code() == ErrorCode.INTERNAL) {
            LOG.error("request failed", known);
        }
        send(response, known.code().httpStatus(), known.code().mlflowCode(), String.valueOf(known.getMessage()));
    }

    static void send(HttpServerResponse response, int status, String code, String message) {
        if (response.headWritten() || response.closed()) {
            response.reset();
            return;
        }
        FILE_HEADERS.forEach(response.headers()::remove);
        response.setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(Json.object()
                        .put("error_code", code)
                        .put("message", message)
                        .toString());
    }
}
