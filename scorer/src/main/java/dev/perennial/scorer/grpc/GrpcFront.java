package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.http.Guard;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.serving.Inference;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

/**
 * The gRPC side of the scorer's port. Cost of a call beside the transport and the model: 1 us for frames and protobuf, two small arrays
 * for the message and two for the answer. Thread-safe.
 */
public final class GrpcFront implements Handler<HttpServerRequest> {
    private static final String PREFIX = "application/grpc";
    private static final int HEAP_SHARE = 4;

    private final Vertx vertx;
    private final int bytesMax;
    private final Budget budget;
    private final Map<String, Methods.Method> methods;
    private final Map<GrpcStatus, LongAdder> ended = new EnumMap<>(GrpcStatus.class);
    private final AtomicInteger underWay = new AtomicInteger();

    /** @param ready whether the scorer may get traffic */
    public GrpcFront(
            Vertx vertx,
            ScorerSettings.Limits limits,
            Inference inference,
            Payloads payloads,
            BooleanSupplier ready,
            Metrics metrics) {
        this.vertx = vertx;
        this.bytesMax = limits.bodyBytes();
        this.budget = new Budget(Runtime.getRuntime().maxMemory() / HEAP_SHARE);
        ModelCalls models = new ModelCalls(inference, ready);
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

    /** Calls that are not ended. */
    public int underWay() {
        return underWay.get();
    }

    @Override
    public void handle(HttpServerRequest request) {
        underWay.incrementAndGet();
        GrpcCall call = new GrpcCall(vertx, request, status -> {
            underWay.decrementAndGet();
            LongAdder counter = ended.get(status);
            if (counter != null) {
                counter.increment();
            }
        });
        call.guarded(() -> {
            Guard.check(request);
            check(request);
            Methods.Method method = method(String.valueOf(request.path()));
            call.headers(bytesMax, budget);
            call.open(method.open(call));
        });
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
