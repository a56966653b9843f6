package dev.perennial.scorer.telemetry;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Requests in traces. A caller's {@code traceparent} is always answered by {@code traceresponse}, whose trace stands in the log when the
 * request fails; spans are made where an export is wished and the caller's flag, or our own share of requests without one, says so. Without
 * both a request pays for a look at one header. Thread-safe.
 */
public final class Traces {
    private static final CharSequence PARENT = HttpHeaders.createOptimized("traceparent");
    private static final String KEY = "trace";
    private static final long NANOS = 1_000_000_000L;

    private final InstantSource clock;
    private final double share;
    private final @Nullable SpanExport export;

    /**
     * Times of a call by {@link System#nanoTime}; 0 for what it did not come to.
     *
     * @param since when the request was whole
     * @param begun when its turn came
     * @param read when it was decoded
     * @param inferred when the model had answered
     * @param end when the answer was encoded
     */
    public record Times(long since, long begun, long read, long inferred, long end) {}

    /**
     * @param share of the requests without a {@code traceparent} that are traced
     * @param export null when no spans are sent
     */
    public Traces(InstantSource clock, double share, @Nullable SpanExport export) {
        this.clock = clock;
        this.share = share;
        this.export = export;
    }

    /** Notes the trace of a request, on its event loop, and tells the caller. */
    public void begin(HttpServerRequest request) {
        String parent = request.getHeader(PARENT);
        if (parent == null && (export == null || share <= 0)) {
            return;
        }
        ThreadLocalRandom random = ThreadLocalRandom.current();
        TraceContext trace = TraceContext.read(parent, request.getHeader("tracestate"), random);
        if (trace == null && export != null && random.nextDouble() < share) {
            trace = TraceContext.begin(random, true);
        }
        Context context = Vertx.currentContext();
        if (trace != null && context != null) {
            context.putLocal(KEY, trace);
            request.response().putHeader("traceresponse", trace.response());
        }
    }

    /** The trace of the request that is handled on this event loop; null when it has none. */
    public static @Nullable TraceContext current() {
        Context context = Vertx.currentContext();
        return context == null ? null : context.<TraceContext>getLocal(KEY);
    }

    /** A call ended: its request, with what lies in it, becomes spans if they are wished. */
    public void ended(
            @Nullable TraceContext trace, String endpoint, String version, Times times, @Nullable String error) {
        if (trace == null || !trace.sampled() || export == null) {
            return;
        }
        Instant now = clock.instant();
        long offset = now.getEpochSecond() * NANOS + now.getNano() - System.nanoTime();
        List<String> attributes = List.of("perennial.endpoint", endpoint, "perennial.version", version);
        List<Span> spans = new ArrayList<>();
        spans.add(new Span(
                trace.trace(),
                trace.span(),
                trace.parent(),
                trace.state(),
                "predict " + endpoint,
                true,
                offset + times.since(),
                offset + times.end(),
                attributes,
                error));
        part(spans, trace, "queue", offset, times.since(), times.begun());
        part(spans, trace, "read", offset, times.begun(), times.read());
        part(spans, trace, "model", offset, times.read(), times.inferred());
        export.add(spans);
    }

    private static void part(List<Span> spans, TraceContext trace, String name, long offset, long begin, long end) {
        if (begin == 0 || end == 0) {
            return;
        }
        String id = TraceContext.newSpan(ThreadLocalRandom.current());
        spans.add(new Span(
                trace.trace(),
                id,
                trace.span(),
                trace.state(),
                name,
                false,
                offset + begin,
                offset + end,
                List.of(),
                null));
    }
}
