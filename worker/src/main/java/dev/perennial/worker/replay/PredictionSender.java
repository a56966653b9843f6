package dev.perennial.worker.replay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends predictions, one row a request, a few at a time, and repeats those that a killed or busy scorer did not answer. The first refusal
 * ends the replay, because a refused row would be missing from its story.
 */
final class PredictionSender implements AutoCloseable {
    private static final int IN_FLIGHT_MAX = 8;
    private static final int TRIES_MAX = 3000;
    private static final int OK = 200;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    private final ReplayServer server;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final ExecutorService threads = Executors.newFixedThreadPool(IN_FLIGHT_MAX);
    private final Semaphore free = new Semaphore(IN_FLIGHT_MAX);
    private final AtomicReference<@Nullable StepFailure> failure = new AtomicReference<>();
    private final AtomicReference<@Nullable URI> endpoint = new AtomicReference<>();
    private final AtomicLong sent = new AtomicLong();

    PredictionSender(ReplayServer server) {
        this.server = server;
    }

    /** Sends a record; waits while too many are under way. */
    void send(Map<String, Object> record) {
        ObjectNode body = Json.object();
        body.set("records", Json.tree(List.of(record)));
        String text = body.toString();
        free.acquireUninterruptibly();
        threads.execute(() -> {
            try {
                deliver(text);
            } catch (StepFailure e) {
                failure.compareAndSet(null, e);
            } finally {
                free.release();
            }
        });
    }

    /** Waits until all is answered; returns how many were answered since the last call. */
    long drain() {
        free.acquireUninterruptibly(IN_FLIGHT_MAX);
        free.release(IN_FLIGHT_MAX);
        StepFailure failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        return sent.getAndSet(0);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private void deliver(String body) {
        for (int tries = 0; tries < TRIES_MAX && failure.get() == null; tries++) {
            URI address = endpoint.get();
            if (address == null) {
                address = server.endpoint();
                endpoint.set(address);
            }
            try {
                HttpResponse<String> answer = http.send(
                        server.prediction(address)
                                .timeout(Duration.ofSeconds(20))
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == OK) {
                    sent.incrementAndGet();
                    return;
                }
                if (answer.statusCode() < SERVER_ERROR && answer.statusCode() != TOO_MANY) {
                    throw ReplayStep.failure("the scorer refused a prediction with " + answer.statusCode() + ": "
                            + answer.body() + " for " + body);
                }
            } catch (IOException e) {
                endpoint.set(null);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            ReplayServer.pause();
        }
        if (failure.get() == null) {
            throw new StepFailure(
                    StepFailure.Kind.INFRA, "the scorer did not answer a prediction after " + TRIES_MAX + " tries");
        }
    }
}
