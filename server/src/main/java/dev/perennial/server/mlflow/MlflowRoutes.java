package dev.perennial.server.mlflow;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.registry.ModelName;
import dev.perennial.registry.RegistryRoom;
import dev.perennial.server.Rooms;
import dev.perennial.server.access.Callers;
import dev.perennial.server.access.DeclaredRoute;
import dev.perennial.server.access.RouteSource;
import dev.perennial.server.mlflow.MlflowRights.Asker;
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
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes the requests of MLflow's clients before the product's own routes see them, because these clients need the path as it was sent:
 * names in it hold encoded slashes, and an unknown route must be a 404 in their own shape. Each request runs on a virtual thread.
 */
@ApplicationScoped
public class MlflowRoutes implements RouteSource {
    /** The level of MLflow's API that clients adapt to; not the version of the product. */
    private static final String LEVEL = "3.11.1";

    private static final int BEFORE_OTHERS = -10;
    /** The only calls whose success is not 200 are those that make and delete workspaces. */
    private static final int CREATED = 201;

    private static final int NO_CONTENT = 204;
    private static final int JSON_BYTES_MAX = 64 << 20;
    private static final byte[] NOTHING = {};
    private static final String USUAL = "/api/2.0/mlflow/";
    private static final Pattern CALL = Pattern.compile("/{1,2}(?:ajax-)?api/(2\\.0|3\\.0)/mlflow/(.+)");
    private static final Pattern ARTIFACT = Pattern.compile("/{1,2}(?:ajax-)?api/2\\.0/mlflow-artifacts/(.+)");
    private static final Pattern FILE_OF_VERSION =
            Pattern.compile("(?:/{1,2}ajax-api/2\\.0/mlflow)?/{1,2}model-versions/get-artifact");
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
    private record Served(Calls calls, ArtifactCalls artifacts, MlflowRights rights, RegistryRoom registry) {
        static Served by(Rooms rooms) {
            TrackingRuns runs = rooms.tracking();
            Calls calls = new Calls();
            MlflowRights rights = new MlflowRights(rooms.governance(), rooms.owners(), runs.experiments());
            new ExperimentCalls(runs.experiments(), rights, rooms.governance()).register(calls);
            new UserCalls(rooms.governance(), rooms.access().auth()).register(calls);
            new PermissionCalls(
                            rooms.governance(), rooms.owners(), rooms.access().auth())
                    .register(calls);
            new WorkspaceCalls(rooms.governance()).register(calls);
            new RunCalls(runs).register(calls);
            new MetricCalls(runs).register(calls);
            new RegistryCalls(rooms.registered(), rights, rooms.governance().grants()).register(calls);
            new VersionCalls(rooms.registered(), rights).register(calls);
            new WebhookCalls(rooms.registered(), rooms.webhookSender()).register(calls);
            new ImportCalls(runs, rooms.registered()).register(calls);
            ArtifactCalls artifacts = new ArtifactCalls(runs);
            artifacts.register(calls);
            // Behind the calls for files of a model, which its shorter paths would take for ids.
            new LoggedModelCalls(runs).register(calls);
            return new Served(calls, artifacts, rights, rooms.registered());
        }
    }

    /** All calls, and the routes to files, whose rights are those on their owner. */
    @Override
    public List<DeclaredRoute> routes() {
        List<DeclaredRoute> all = new ArrayList<>();
        served().calls()
                .all()
                .forEach(route -> all.add(new DeclaredRoute(
                        route.method(),
                        "/api/" + route.version() + "/mlflow/" + String.join("/", route.path()),
                        route.need().right(),
                        route.need().target().name())));
        String files = "/api/2.0/mlflow-artifacts/artifacts/{path}";
        all.add(new DeclaredRoute("GET", files, Right.READ, "FILE"));
        all.add(new DeclaredRoute("HEAD", files, Right.READ, "FILE"));
        all.add(new DeclaredRoute("PUT", files, Right.EDIT, "FILE"));
        all.add(new DeclaredRoute("DELETE", files, Right.MANAGE, "FILE"));
        all.add(new DeclaredRoute("GET", "/get-artifact", Right.READ, "RUN_ID"));
        all.add(new DeclaredRoute("GET", "/model-versions/get-artifact", Right.READ, "MODEL_NAME"));
        return all;
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
                if (path.startsWith(USUAL)
                        || ANY.matcher(path).matches()
                        || path.equals("/get-artifact")
                        || FILE_OF_VERSION.matcher(path).matches()) {
                    Asker asker = asker(context);
                    if (WholeBody.fits(request, path)) {
                        WholeBody.of(request, body -> threads.execute(() -> answer(request, asker, path, body)));
                    } else {
                        BodyStream body = new BodyStream(request);
                        threads.execute(() -> answer(request, asker, path, body));
                    }
                } else {
                    context.next();
                }
            }
        }
    }

    /** A request that did not pass the gate fails here. */
    private static Asker asker(RoutingContext context) {
        return new Asker(
                Callers.of(context),
                Optional.ofNullable(context.request().getHeader(Callers.PROJECT))
                        .filter(name -> !name.isBlank()));
    }

    private void answer(HttpServerRequest request, Asker asker, String path, InputStream body) {
        try (body) {
            answer(request, asker, path, body, served());
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
        return served.updateAndGet(known -> known == null ? Served.by(rooms) : known);
    }

    private static void answer(HttpServerRequest request, Asker asker, String path, InputStream body, Served served)
            throws IOException {
        served.rights().checkProject(asker);
        if (path.startsWith(USUAL)) {
            call(request, asker, "2.0", path.substring(USUAL.length()), body, served);
            return;
        }
        if (path.equals("/get-artifact")) {
            served.rights().run(asker, Right.READ, query(request).runId());
            served.artifacts().serveOfRun(request, query(request));
            return;
        }
        if (FILE_OF_VERSION.matcher(path).matches()) {
            String name = query(request).required("name");
            served.rights().model(asker, Right.READ, name);
            served.artifacts()
                    .serveOfVersion(
                            request,
                            query(request),
                            new ModelName(asker.project(), name),
                            served.registry().versions());
            return;
        }
        Matcher artifact = ARTIFACT.matcher(path);
        if (artifact.matches()) {
            artifact(request, asker, artifact.group(1), body, served);
            return;
        }
        Matcher call = CALL.matcher(path);
        String version = call.matches() ? call.group(1) : "";
        String name = call.matches() ? call.group(2) : "";
        if (name.equals("server-info") && version.equals("3.0")) {
            info(request.response(), asker.caller().checked());
            return;
        }
        call(request, asker, version, name, body, served);
    }

    /**
     * Answers one of the calls.
     *
     * @param name path below {@code mlflow/}
     */
    private static void call(
            HttpServerRequest request, Asker asker, String version, String name, InputStream body, Served served)
            throws IOException {
        Optional<Calls.Found> found = served.calls().find(request.method().name(), version, name);
        if (found.isEmpty()) {
            MlflowErrors.send(
                    request.response(),
                    404,
                    ErrorCode.ENDPOINT_NOT_FOUND.mlflowCode(),
                    "no route " + request.method().name() + " " + request.path() + " on this server");
            return;
        }
        Calls.Route route = found.get().route();
        Map<String, String> variables = found.get().variables();
        switch (route.way()) {
            case Call.Way.Files(Call.Raw raw) ->
                raw.answer(
                        request,
                        served.rights()
                                .check(asker, route.need(), query(request).with(variables)),
                        body);
            case Call.Way.Written(Call.Text text) -> {
                Fields asked = fields(request, json(request, body)).with(variables);
                written(request, text, asked(request, asker, served.rights().check(asker, route.need(), asked)));
            }
            case Call.Way.Node(Call call) -> {
                Fields asked = fields(request, json(request, body)).with(variables);
                node(request, asker, route, call, served.rights().check(asker, route.need(), asked));
            }
            case Call.Way.First(Call.Quick quick, Call otherwise) -> {
                byte[] bytes = json(request, body);
                Right right = route.need().right();
                if (quick.done(bytes, run -> served.rights().run(asker, right, run))) {
                    ArtifactCalls.empty(request.response());
                } else {
                    Fields fields = served.rights().check(asker, route.need(), Fields.ofBody(bytes));
                    node(request, asker, route, otherwise, fields);
                }
            }
        }
    }

    private static Call.Asked asked(HttpServerRequest request, Asker asker, Fields fields) {
        String agent = request.getHeader("User-Agent");
        return new Call.Asked(fields, agent == null ? "" : agent, asker);
    }

    private static void written(HttpServerRequest request, Call.Text text, Call.Asked asked) throws IOException {
        Pieces pieces = new Pieces(request.response());
        JsonGenerator answer = Json.mapper().createGenerator(pieces);
        text.answer(asked, answer);
        answer.close();
        pieces.end();
    }

    private static void node(HttpServerRequest request, Asker asker, Calls.Route route, Call call, Fields fields) {
        ObjectNode answer = call.answer(asked(request, asker, fields));
        boolean workspace = route.path().getFirst().equals("workspaces");
        if (workspace && route.method().equals("DELETE")) {
            request.response().setStatusCode(NO_CONTENT).end();
            return;
        }
        if (workspace && route.method().equals("POST")) {
            request.response().setStatusCode(CREATED);
        }
        ArtifactCalls.json(request.response(), answer);
    }

    private static void artifact(HttpServerRequest request, Asker asker, String rest, InputStream body, Served served) {
        if (rest.equals("artifacts") || rest.startsWith("artifacts/")) {
            String below = rest.substring("artifacts".length());
            served.rights().artifact(asker, artifactRight(request), ArtifactCalls.path(request, below, query(request)));
            served.artifacts().serve(request, rest.substring("artifacts".length()), query(request), body);
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

    /** Reading, storing and removing, by method; a method that is refused later needs the most. */
    private static Right artifactRight(HttpServerRequest request) {
        return switch (request.method().name()) {
            case "GET", "HEAD" -> Right.READ;
            case "PUT" -> Right.EDIT;
            default -> Right.MANAGE;
        };
    }

    /** MLflow's client names a workspace only to a server that says it has them; without access control nobody can make any. */
    private static void info(HttpServerResponse response, boolean workspaces) {
        ArtifactCalls.json(
                response,
                dev.perennial.kernel.Json.object()
                        .put("store_type", "SqlStore")
                        .put("workspaces_enabled", workspaces)
                        .put("trace_archival_enabled", false));
    }

    /** What the body says; where there is none the query, except of a POST. */
    private static Fields fields(HttpServerRequest request, byte[] body) {
        String method = request.method().name();
        boolean asksInQuery = method.equals("GET")
                || (body.length == 0 && !method.equals("POST") && request.getHeader("Content-Type") == null);
        return asksInQuery ? query(request) : Fields.ofBody(body);
    }

    /** The bytes of a body, which must be declared as JSON. */
    private static byte[] json(HttpServerRequest request, InputStream body) throws IOException {
        if (request.method().name().equals("GET")) {
            return NOTHING;
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
        if (bytes.length > JSON_BYTES_MAX) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE, "the body is larger than " + JSON_BYTES_MAX + " bytes; send smaller batches");
        }
        return bytes;
    }

    private static boolean isJson(String type) {
        return type.equals("application/json")
                || type.toLowerCase(Locale.ROOT).split(";", 2)[0].strip().equals("application/json");
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
