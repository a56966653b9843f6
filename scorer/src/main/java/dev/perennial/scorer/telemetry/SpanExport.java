package dev.perennial.scorer.telemetry;

import dev.perennial.scorer.Metrics;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends spans to a collector by OTLP over HTTP, as JSON, once a second or when many wait. A collector that is slow or away costs spans,
 * which are counted, and nothing else: the queue is bounded and nobody waits for it. Thread-safe.
 */
public final class SpanExport implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpanExport.class);
    private static final int QUEUED_MAX = 4_096;
    private static final int BATCH = 512;
    private static final long EVERY_MILLIS = 1_000;
    private static final long TIMEOUT_MILLIS = 10_000;
    private static final int CONNECT_MILLIS = 2_000;
    private static final int ERRORS = 300;

    private final ArrayBlockingQueue<Span> queue = new ArrayBlockingQueue<>(QUEUED_MAX);
    private final AtomicBoolean sending = new AtomicBoolean();
    private final AtomicBoolean told = new AtomicBoolean();
    private final HttpClient client;
    private final URI endpoint;
    private final List<String> resource;
    private final LongAdder sent;
    private final LongAdder dropped;

    /**
     * @param endpoint where spans are posted, with its path
     * @param scorer id of this scorer
     */
    public SpanExport(Vertx vertx, URI endpoint, String scorer, Metrics metrics) {
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setSsl("https".equals(endpoint.getScheme()))
                .setMaxPoolSize(1));
        this.endpoint = endpoint;
        this.resource = List.of("service.name", "perennial-scorer", "service.instance.id", scorer);
        this.sent = metrics.counter("perennial_scorer_spans_sent_total");
        this.dropped = metrics.counter("perennial_scorer_spans_dropped_total");
        vertx.setPeriodic(EVERY_MILLIS, now -> send());
    }

    /** Takes spans; never waits. */
    public void add(List<Span> spans) {
        for (Span span : spans) {
            if (!queue.offer(span)) {
                dropped.increment();
            }
        }
        if (queue.size() >= BATCH) {
            send();
        }
    }

    /** Sends what waits, one batch after the other. */
    void send() {
        if (queue.isEmpty() || !sending.compareAndSet(false, true)) {
            return;
        }
        List<Span> batch = new ArrayList<>(BATCH);
        queue.drainTo(batch, BATCH);
        client.request(new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setAbsoluteURI(endpoint.toString())
                        .setTimeout(TIMEOUT_MILLIS)
                        .putHeader("Content-Type", "application/json"))
                .compose(request -> request.send(Buffer.buffer(OtlpJson.write(resource, batch))))
                .onComplete(
                        response ->
                                ended(batch.size(), response.statusCode() < ERRORS, "status " + response.statusCode()),
                        failure -> ended(batch.size(), false, String.valueOf(failure.getMessage())));
    }

    private void ended(int spans, boolean taken, String why) {
        (taken ? sent : dropped).add(spans);
        if (!taken && told.compareAndSet(false, true)) {
            LOG.warn("the collector {} does not take spans: {}; they are dropped and counted", endpoint, why);
        } else if (taken) {
            told.set(false);
        }
        sending.set(false);
        if (queue.size() >= BATCH) {
            send();
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
