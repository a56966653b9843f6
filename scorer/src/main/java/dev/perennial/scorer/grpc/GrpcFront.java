package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.access.Gate;
import dev.perennial.scorer.http.Guard;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Loading;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * The gRPC side of the scorer's port. Cost of a call beside the transport and the model: 1 us for frames and protobuf, two small arrays
 * for the message and two for the answer. Thread-safe.
 */
public final class GrpcFront implements Handler<HttpServerRequest> {
    private static final String PREFIX = "application/grpc";
    private static final int HEAP_SHARE = 4;

    private final Vertx vertx;
    private final Gate gate;
    private final Guard guard;
    private final int bytesMax;
    private final Budget budget;
    private final Map<String, Methods.Method> methods;
    private final Map<GrpcStatus, LongAdder> ended = new EnumMap<>(GrpcStatus.class);
    private final Set<GrpcCall> calls = ConcurrentHashMap.newKeySet();
    private final Map<HttpConnection, Context> connections = new ConcurrentHashMap<>();

    /** @param ready whether the scorer may get traffic */
    public GrpcFront(
            Vertx vertx,
            ScorerSettings.Limits limits,
            Gate gate,
            Inference inference,
            Loading loading,
            Payloads payloads,
            BooleanSupplier ready,
            Metrics metrics) {
        this.vertx = vertx;
        this.gate = gate;
        this.guard = new Guard(gate.beyondLoopback());
        this.bytesMax = limits.bodyBytes();
        this.budget = new Budget(Runtime.getRuntime().maxMemory() / HEAP_SHARE);
        ModelCalls models = new ModelCalls(inference, loading, ready);
        this.methods = Services.all(
                new InferCalls(inference, payloads, bytesMax),
                models,
                new HealthCalls(models, ready),
                new ReflectionCalls(new Descriptors()));
        for (GrpcStatus status : GrpcStatus.values()) {
            ended.put(status, metrics.counter("perennial_scorer_grpc_requests_total", "status", status.name()));
        }
        metrics.gauge("perennial_scorer_grpc_message_bytes", budget::held);
    }

    /** Whether a request is a call of gRPC; costs a request of HTTP/1 one comparison. */
    public static boolean takes(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2) {
            return false;
        }
        String type = request.getHeader("content-type");
        return type != null && type.startsWith(PREFIX);
    }

    /**
     * Asks callers to go elsewhere: each connection ends once its calls have, and no later than that. Clients of gRPC then connect anew
     * and lose nothing.
     */
    public void drain(long millis) {
        connections.forEach((connection, context) ->
                context.runOnContext(now -> connection.shutdown(millis, TimeUnit.MILLISECONDS)));
    }

    /** Ends what is still open: streams on which nobody asks. */
    public void end() {
        for (GrpcCall call : calls) {
            Context context = connections.get(call.request().connection());
            if (context != null) {
                context.runOnContext(now -> call.fail(GrpcStatus.UNAVAILABLE, "the scorer is about to end"));
            }
        }
    }

    private void remember(HttpConnection connection) {
        if (connections.putIfAbsent(connection, vertx.getOrCreateContext()) == null) {
            connection.closeHandler(closed -> connections.remove(connection));
        }
    }

    /** Those of the calls that wait for an answer now which still do when they are asked for. */
    public IntSupplier waitingNow() {
        List<GrpcCall> now = calls.stream().filter(GrpcCall::busy).toList();
        return () -> (int)
                now.stream().filter(call -> calls.contains(call) && call.busy()).count();
    }

    /** Calls that wait for an answer; streams on which nobody asks do not count. */
    public int underWay() {
        return (int) calls.stream().filter(GrpcCall::busy).count();
    }

    @Override
    public void handle(HttpServerRequest request) {
        remember(request.connection());
        GrpcCall call = new GrpcCall(vertx, request, this::ended);
        calls.add(call);
        call.guarded(() -> {
            guard.check(request);
            check(request);
            String path = String.valueOf(request.path());
            Methods.Method method = method(path);
            String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
            call.by(Services.open(path) ? gate.perhaps(authorization) : gate.check(authorization));
            call.headers(bytesMax, budget);
            call.open(method.open(call));
        });
    }

    private void ended(GrpcCall call, GrpcStatus status) {
        calls.remove(call);
        LongAdder counter = ended.get(status);
        if (counter != null) {
            counter.increment();
        }
    }

    private static void check(HttpServerRequest request) {
        String type = String.valueOf(request.getHeader("content-type"));
        if (!GrpcHeaders.isGrpc(type)) {
            throw new PerennialException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "content type '" + type + "' is not supported; use application/grpc",
                    "content-type",
                    null);
        }
        if (!request.method().equals(HttpMethod.POST)) {
            throw new PerennialException(ErrorCode.METHOD_NOT_ALLOWED, "gRPC calls are POST requests");
        }
    }

    private Methods.Method method(String path) {
        Methods.Method method = methods.get(path);
        if (method != null) {
            return method;
        }
        String triton = "/" + Services.INFERENCE + "/";
        String why = path.startsWith(triton) ? ModelCalls.unsupported().get(path.substring(triton.length())) : null;
        throw new PerennialException(
                ErrorCode.NOT_IMPLEMENTED, why == null ? "there is no method " + path + "; ask reflection" : why);
    }
}
