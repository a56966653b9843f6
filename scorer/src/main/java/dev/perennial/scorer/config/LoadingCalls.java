package dev.perennial.scorer.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.serving.Loading;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Asks the server to load and unload, and waits until its answer is in effect here. */
public final class LoadingCalls implements Loading, AutoCloseable {
    private static final int THREADS = 2;
    private static final int WAITING_MAX = 64;
    private static final long CALL_MILLIS = 10_000;
    private static final long FOLLOW_MILLIS = 60_000;
    private static final long LOOK_MILLIS = 10;
    private static final int OK = 200;
    private static final int CLIENT_ERROR = 400;
    private static final int SERVER_ERROR = 500;

    private final Vertx vertx;
    private final ServerLink link;
    private final LongSupplier applied;
    private final ThreadPoolExecutor threads;

    /** @param applied the revision in effect */
    public LoadingCalls(Vertx vertx, ServerLink link, LongSupplier applied) {
        this.vertx = vertx;
        this.link = link;
        this.applied = applied;
        this.threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(WAITING_MAX),
                task -> Thread.ofPlatform().daemon().name("loading").unstarted(task));
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void pass(Wish wish, Consumer<@Nullable PerennialException> done) {
        Context context = vertx.getOrCreateContext();
        try {
            threads.execute(() -> {
                PerennialException failure = failure(wish);
                context.runOnContext(now -> done.accept(failure));
            });
        } catch (RejectedExecutionException e) {
            done.accept(new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    "more than " + WAITING_MAX + " wishes to load or unload wait; ask again",
                    null,
                    e));
        }
    }

    private @Nullable PerennialException failure(Wish wish) {
        try {
            follow(ask(wish));
            return null;
        } catch (PerennialException e) {
            return e;
        } catch (IOException e) {
            return new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    "the server, which decides what is loaded, is away; ask again: " + e.getMessage(),
                    null,
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new PerennialException(ErrorCode.UNAVAILABLE, "the scorer is about to end", null, e);
        }
    }

    private long ask(Wish wish) throws IOException, InterruptedException {
        ObjectNode body = Json.object().put("endpoint", wish.endpoint()).put("load", wish.load());
        wish.versions().forEach(body.putArray("versions")::add);
        Map<String, String> headers = new HashMap<>();
        if (wish.authorization() != null) {
            headers.put("X-Perennial-Caller-Authorization", wish.authorization());
        }
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        ServerLink.Reply reply = link.call(HttpMethod.POST, "/warmth", headers, bytes, CALL_MILLIS);
        if (reply.status() == OK) {
            return Json.parse(reply.body()).path("revision").asLong();
        }
        if (reply.status() < CLIENT_ERROR || reply.status() >= SERVER_ERROR) {
            throw new IOException("it answered " + reply.status());
        }
        throw refused(reply);
    }

    /** The server's own words. */
    private static PerennialException refused(ServerLink.Reply reply) {
        JsonNode error =
                Json.parse(reply.text().isBlank() ? "{}" : reply.text()).path("error");
        ErrorCode code = Arrays.stream(ErrorCode.values())
                .filter(known -> known.name().equals(error.path("code").asText()))
                .findFirst()
                .orElse(ErrorCode.NOT_IMPLEMENTED);
        String message = error.path("message").asText("");
        return new PerennialException(
                code,
                message.isEmpty()
                        ? "the server takes no wishes to load or unload; it answered " + reply.status()
                        : message);
    }

    private void follow(long revision) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FOLLOW_MILLIS);
        while (applied.getAsLong() < revision) {
            if (System.nanoTime() > end) {
                throw new PerennialException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "the server has decided so with revision " + revision + ", which this scorer does not run yet");
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
