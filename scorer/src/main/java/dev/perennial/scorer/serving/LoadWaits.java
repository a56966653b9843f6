package dev.perennial.scorer.serving;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.Model;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls that wait until the models of their endpoint are loaded. They hold no thread; a call goes on, or is told why not, on its own event
 * loop, once, and at its deadline at the latest. Thread-safe.
 */
final class LoadWaits {
    /** How long a call waits that names no deadline. */
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Vertx vertx;
    private final int callsMax;
    private final AtomicInteger waiting = new AtomicInteger();

    /** @param callsMax calls that may wait at one time */
    LoadWaits(Vertx vertx, int callsMax) {
        this.vertx = vertx;
        this.callsMax = callsMax;
    }

    int waiting() {
        return waiting.get();
    }

    /**
     * Waits for what a call needs.
     *
     * @param then is given null when all is loaded, or why the call has no answer
     * @return false when all is loaded already, and nothing was done
     * @throws PerennialException when too many wait
     */
    boolean await(Call call, Endpoint endpoint, Consumer<@Nullable PerennialException> then) {
        @Nullable CompletableFuture<Model> champion = endpoint.champion().loading();
        List<CompletableFuture<Model>> all = new ArrayList<>();
        if (champion != null) {
            all.add(champion);
        }
        for (Variant canary : endpoint.canaries()) {
            CompletableFuture<Model> loading = canary.loading();
            if (loading != null) {
                all.add(loading);
            }
        }
        if (all.isEmpty()) {
            return false;
        }
        if (waiting.incrementAndGet() > callsMax) {
            waiting.decrementAndGet();
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    "more than " + callsMax + " requests (--queued-requests) wait for models to be loaded; try again");
        }
        new Wait(call, endpoint, champion, then).on(vertx.getOrCreateContext(), all);
        return true;
    }

    private final class Wait {
        private final Call call;
        private final Endpoint endpoint;
        private final @Nullable CompletableFuture<Model> champion;
        private final Consumer<@Nullable PerennialException> then;
        private long timer;
        private boolean done;

        Wait(
                Call call,
                Endpoint endpoint,
                @Nullable CompletableFuture<Model> champion,
                Consumer<@Nullable PerennialException> then) {
            this.call = call;
            this.endpoint = endpoint;
            this.champion = champion;
            this.then = then;
        }

        void on(Context loop, List<CompletableFuture<Model>> all) {
            long left = Math.min(WAIT_NANOS, call.limit().nanosLeft());
            timer = vertx.setTimer(
                    TimeUnit.NANOSECONDS.toMillis(left) + 1,
                    late -> end(new PerennialException(
                            ErrorCode.DEADLINE_EXCEEDED,
                            "the deadline passed before the model of '" + endpoint.name() + "' was loaded")));
            CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
                    .whenComplete((none, failure) -> loop.runOnContext(now -> end(problem())));
        }

        /** A candidate that cannot be loaded is replaced for its rows, as one that fails; a champion where something is declared for it. */
        private @Nullable PerennialException problem() {
            boolean replaced = endpoint.fallback().isPresent();
            if (champion == null || !champion.isCompletedExceptionally() || replaced) {
                return null;
            }
            return new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    "the model of '" + endpoint.name() + "' cannot be loaded: "
                            + champion.exceptionNow().getMessage());
        }

        /** On the event loop. */
        private void end(@Nullable PerennialException why) {
            if (!done) {
                done = true;
                vertx.cancelTimer(timer);
                waiting.decrementAndGet();
                then.accept(why);
            }
        }
    }
}
