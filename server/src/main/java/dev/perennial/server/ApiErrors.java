package dev.perennial.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.JsonWords;
import dev.perennial.kernel.PerennialException;
import dev.perennial.server.access.RouteCheck;
import jakarta.inject.Inject;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns every failure into one JSON shape; only our own faults are logged with their stack. */
final class ApiErrors {
    private static final Logger LOG = LoggerFactory.getLogger(ApiErrors.class);

    private final RouteCheck routes;

    @Inject
    ApiErrors(RouteCheck routes) {
        this.routes = routes;
    }

    @ServerExceptionMapper
    Response ours(PerennialException e) {
        if (e.code() == ErrorCode.INTERNAL) {
            LOG.error("request failed", e);
        }
        return answer(e.code().httpStatus(), e.code().name(), String.valueOf(e.getMessage()), e.field());
    }

    @ServerExceptionMapper
    Response json(JsonProcessingException e) {
        return answer(400, ErrorCode.MALFORMED_REQUEST.name(), "not the expected JSON: " + JsonWords.why(e), null);
    }

    @ServerExceptionMapper
    Response framework(WebApplicationException e, UriInfo uri) {
        int status = e.getResponse().getStatus();
        if (e.getCause() instanceof JsonProcessingException cause) {
            return json(cause);
        }
        if (e.getCause() instanceof PerennialException cause) {
            return ours(cause);
        }
        if (status == 404 && e.getCause() instanceof IllegalArgumentException cause) {
            return answer(
                    400,
                    ErrorCode.INVALID_ARGUMENT.name(),
                    "a value in the address is not what stands there: " + cause.getMessage(),
                    "path");
        }
        ErrorCode code = status == 404
                ? ErrorCode.ENDPOINT_NOT_FOUND
                : status == 405
                        ? ErrorCode.METHOD_NOT_ALLOWED
                        : status == 415
                                ? ErrorCode.UNSUPPORTED_MEDIA_TYPE
                                : status < 500 ? ErrorCode.MALFORMED_REQUEST : ErrorCode.INTERNAL;
        String message = switch (status) {
            case 404 -> "there is no such route";
            case 405 -> "this route has another method";
            case 415 -> "this route takes application/json";
            default -> String.valueOf(e.getMessage());
        };
        Response answer = answer(status, code.name(), message, null);
        return status == 405
                ? Response.fromResponse(answer)
                        .header(
                                HttpHeaders.ALLOW,
                                String.join(
                                        ", ", routes.methods("/" + uri.getPath().replaceFirst("^/", ""))))
                        .build()
                : answer;
    }

    @ServerExceptionMapper
    Response unexpected(RuntimeException e) {
        if (e.getCause() instanceof PerennialException cause) {
            return ours(cause);
        }
        LOG.error("request failed", e);
        return answer(500, ErrorCode.INTERNAL.name(), "the server failed to answer; its log has the reason", null);
    }

    private static Response answer(
            int status, String code, String message, @org.jspecify.annotations.Nullable String field) {
        ObjectNode error =
                Json.object().put("code", code).put("message", message).put("field", field);
        ObjectNode body = Json.object();
        body.set("error", error);
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(body.toString())
                .build();
    }
}
