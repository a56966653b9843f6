package dev.perennial.server.mlflow;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.server.Rooms;
import dev.perennial.tracking.TrackingRuns;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes the requests of MLflow's clients before the product's own routes see them, because these clients need the path as it was sent:
 * names in it hold encoded slashes, and an unknown route must be a 404 in their own shape. Each request runs on a virtual thread.
 */
@ApplicationScoped
public class MlflowRoutes {
    /** The level of MLflow's API that clients adapt to; not the version of the product. */
    private static final String LEVEL = "3.11.1";

    private static final int BEFORE_OTHERS = -10;
    private static final int JSON_BYTES_MAX = 64 << 20;
    private static final Pattern CALL = Pattern.compile("/{1,2}(?:ajax-)?api/(2\\.0|3\\.0)/mlflow/(.+)");
    private static final Pattern ARTIFACT = Pattern.compile("/{1,2}(?:ajax-)?api/2\\.0/mlflow-artifacts/(.+)");
    private static final Pattern ANY = Pattern.compile("/{1,2}(?:ajax-)?api/(?:2\\.0|3\\.0)(?:/.*)?");

    private final Rooms rooms;
    private final ExecutorService threads;
    private final java.util.concurrent.atomic.AtomicReference<Served> served =
            new java.util.concurrent.atomic.AtomicReference<>();

    @Inject
    public MlflowRoutes(Rooms rooms, @VirtualThreads ExecutorService threads) {
        this.rooms = rooms;
        this.threads = threads;
    }

    /** What is answered; made at the first request, when the rooms are open. */
    private record Served(Calls calls, ArtifactCalls artifacts) {
        static Served by(TrackingRuns runs) {
            Calls calls = new Calls();
            new ExperimentCalls(runs.experiments()).register(calls);
            new RunCalls(runs).register(calls);
            new MetricCalls(runs).register(calls);
            new ImportCalls(runs).register(calls);
            ArtifactCalls artifacts = new ArtifactCalls(runs);
            artifacts.register(calls);
            new LoggedModelCalls(runs).register(calls);
            return new Served(calls, artifacts);
        }
    }

    void register(@Observes Router router) {
        router.route().order(BEFORE_OTHERS).handler(this::take);
    }

    private void take(RoutingContext context) {
        HttpServerRequest request = context.request();
        String path = String.valueOf(request.path());
        switch (path) {
            case "/health" ->
                request.response().putHeader("Content-Type", "text/plain").end("OK");
            case "/version" ->
                request.response().putHeader("Content-Type", "text/plain").end(LEVEL);
            default -> {
                if (ANY.matcher(path).matches() || path.equals("/get-artifact")) {
                    BodyStream body = new BodyStream(request);
                    threads.execute(() -> answer(request, path, body));
                } else {
                    context.next();
                }
            }
        }
    }

    private void answer(HttpServerRequest request, String path, BodyStream body) {
        try (body) {
            answer(request, path, body, served());
        } catch (IOException | UncheckedIOException e) {
            MlflowErrors.send(
                    request.response(),
                    400,
                    ErrorCode.MALFORMED_REQUEST.mlflowCode(),
                    "the request broke off: " + e.getMessage());
        } catch (RuntimeException e) {
            MlflowErrors.send(request.response(), e);
        }
    }

    private Served served() {
        return served.updateAndGet(known -> known == null ? Served.by(rooms.tracking()) : known);
    }

    private static void answer(HttpServerRequest request, String path, BodyStream body, Served served)
            throws IOException {
        if (path.equals("/get-artifact")) {
            served.artifacts().serveOfRun(request, query(request));
            return;
        }
        Matcher artifact = ARTIFACT.matcher(path);
        if (artifact.matches()) {
            artifact(request, artifact.group(1), body, served.artifacts());
            return;
        }
        Matcher call = CALL.matcher(path);
        String version = call.matches() ? call.group(1) : "";
        String name = call.matches() ? call.group(2) : "";
        if (name.equals("server-info") && version.equals("3.0")) {
            info(request.response());
            return;
        }
        Optional<Calls.Found> found = served.calls().find(request.method().name(), version, name);
        if (found.isEmpty()) {
            MlflowErrors.send(
                    request.response(),
                    404,
                    ErrorCode.ENDPOINT_NOT_FOUND.mlflowCode(),
                    "no route " + request.method().name() + " " + path + " on this server");
            return;
        }
        String agent = request.getHeader("User-Agent");
        Fields fields = fields(request, body).with(found.get().variables());
        ArtifactCalls.json(
                request.response(),
                found.get().route().call().answer(new Call.Asked(fields, agent == null ? "" : agent)));
    }

    private static void artifact(HttpServerRequest request, String rest, BodyStream body, ArtifactCalls artifacts) {
        if (rest.equals("artifacts") || rest.startsWith("artifacts/")) {
            artifacts.serve(request, rest.substring("artifacts".length()), query(request), body);
        } else if (rest.startsWith("mpu/") || rest.startsWith("presigned/")) {
            MlflowErrors.send(
                    request.response(),
                    501,
                    "NOT_IMPLEMENTED",
                    (rest.startsWith("mpu/") ? "Multipart upload" : "Presigned download")
                            + " is not supported for the current artifact repository");
        } else {
            MlflowErrors.send(
                    request.response(), 404, ErrorCode.ENDPOINT_NOT_FOUND.mlflowCode(), "no such route on this server");
        }
    }

    private static void info(HttpServerResponse response) {
        ArtifactCalls.json(
                response,
                dev.perennial.kernel.Json.object()
                        .put("store_type", "SqlStore")
                        .put("workspaces_enabled", false)
                        .put("trace_archival_enabled", false));
    }

    private static Fields fields(HttpServerRequest request, BodyStream body) throws IOException {
        if (request.method().name().equals("GET")) {
            return query(request);
        }
        String type = request.getHeader("Content-Type");
        boolean strict = request.method().name().equals("POST") || type != null;
        if (strict && (type == null || !isJson(type))) {
            throw new PerennialException(
                    ErrorCode.INVALID_ARGUMENT,
                    "Bad Request. Content-Type must be 'application/json', got '" + type + "'",
                    "Content-Type",
                    null);
        }
        byte[] bytes = body.readNBytes(JSON_BYTES_MAX + 1);
        if (bytes.length == 0 && !strict) {
            return query(request);
        }
        if (bytes.length > JSON_BYTES_MAX) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE, "the body is larger than " + JSON_BYTES_MAX + " bytes; send smaller batches");
        }
        return Fields.ofBody(bytes);
    }

    private static boolean isJson(String type) {
        return type.toLowerCase(Locale.ROOT).split(";", 2)[0].strip().equals("application/json");
    }

    private static Fields query(HttpServerRequest request) {
        try {
            return Fields.ofQuery(request.params());
        } catch (IllegalArgumentException e) {
            throw new PerennialException(
                    ErrorCode.MALFORMED_REQUEST, "the query is not valid percent-encoding: " + e.getMessage(), null, e);
        }
    }
}
