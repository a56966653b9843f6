package dev.perennial.scorer.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.Metrics;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Writes answers and errors. An error on an Open Inference path is {@code {"error": text}}, on a path of MLflow's scoring protocol
 * {@code {"error_code": text, "message": text}}, elsewhere {@code {"error": {...}}}.
 */
public final class Replies {
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    private static final CharSequence TEXT = HttpHeaders.createOptimized("text/plain");
    private static final int OK = 200;
    private static final int[] STATUSES = {200, 400, 401, 403, 404, 405, 413, 415, 429, 500, 501, 503, 504, 507};

    private final Map<Integer, LongAdder> requests = new TreeMap<>();

    public Replies(Metrics metrics) {
        for (int status : STATUSES) {
            requests.put(
                    status, metrics.counter("perennial_scorer_requests_total", "status", Integer.toString(status)));
        }
    }

    public void json(HttpServerRequest request, String body) {
        send(request, OK, body);
    }

    public void send(HttpServerRequest request, int status, String body) {
        if (begin(request, status, JSON)) {
            request.response().end(Buffer.buffer(body));
        }
    }

    /** Sends a body of another kind. */
    public void send(HttpServerRequest request, int status, CharSequence contentType, byte[] body) {
        if (begin(request, status, contentType)) {
            request.response().end(Buffer.buffer(body));
        }
    }

    /** Counts; false when nobody is there to be answered. */
    private boolean begin(HttpServerRequest request, int status, CharSequence contentType) {
        HttpServerResponse response = request.response();
        LongAdder counter = requests.get(status);
        if (counter != null) {
            counter.increment();
        }
        if (response.ended() || response.closed()) {
            return false;
        }
        response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, contentType);
        return true;
    }

    public void error(HttpServerRequest request, PerennialException e) {
        ErrorCode code = e.code();
        if (code.retryable()) {
            request.response().putHeader("Retry-After", "1");
        }
        if (code == ErrorCode.UNAUTHENTICATED) {
            request.response().putHeader("WWW-Authenticate", "Bearer realm=\"perennial\"");
        }
        if (code == ErrorCode.TOO_LARGE || code == ErrorCode.UNSUPPORTED_MEDIA_TYPE) {
            request.response().putHeader("Connection", "close"); // the rest of the body is not read
        }
        ObjectNode body = Json.object();
        if (isOpenInference(request)) {
            body.put("error", e.getMessage());
        } else if (isMlflow(request)) {
            mlflow(request, e);
            return;
        } else {
            ObjectNode error = body.putObject("error");
            error.put("code", code.name().toLowerCase(Locale.ROOT)).put("message", e.getMessage());
            if (e.field() != null) {
                error.put("field", e.field());
            }
        }
        send(request, code.httpStatus(), body.toString());
    }

    /** MLflow's words: an object with a code, but a plain text where the content type is refused or time is over. */
    private void mlflow(HttpServerRequest request, PerennialException e) {
        int status = e.code().httpStatus();
        String message = String.valueOf(e.getMessage());
        if (e.code() == ErrorCode.UNSUPPORTED_MEDIA_TYPE || e.code() == ErrorCode.DEADLINE_EXCEEDED) {
            send(request, status, TEXT, message.getBytes(StandardCharsets.UTF_8));
            return;
        }
        boolean unreadable = e.code() == ErrorCode.MALFORMED_REQUEST;
        ObjectNode body = Json.object();
        body.put("error_code", unreadable ? "BAD_REQUEST" : e.code().mlflowCode());
        send(request, status, body.put("message", message).toString());
    }

    private static boolean isMlflow(HttpServerRequest request) {
        String path = request.path();
        return path != null && (path.equals("/invocations") || path.startsWith("/serving/"));
    }

    private static boolean isOpenInference(HttpServerRequest request) {
        String path = request.path();
        return path != null && (path.equals("/v2") || path.startsWith("/v2/") || path.startsWith("/v1/"));
    }
}
