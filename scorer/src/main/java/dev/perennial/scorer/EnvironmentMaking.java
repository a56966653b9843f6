package dev.perennial.scorer;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.serving.Environments;
import dev.perennial.scorer.serving.NotPrepared;
import dev.perennial.scorer.serving.Unprepared.State;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.python.PythonEnvironments;
import dev.perennial.scoring.python.PythonEnvironments.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the environments of Python models on this machine, one at a time on a thread of its own. Who wants one that is not there is told so
 * at once, also when a look at the machine will show that it is, and the configuration is put into effect again when that changes. What
 * failed is tried again after a pause, which grows from half a minute to ten, and at the next change of the configuration; never within
 * five seconds. Thread-safe.
 */
final class EnvironmentMaking implements Environments, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EnvironmentMaking.class);
    private static final Duration BUILD_MAX = Duration.ofMinutes(15);
    private static final Duration END = Duration.ofSeconds(5);

    private final boolean makes;
    private final Maker maker;
    private final List<String> dirs;
    private final Pauses pauses;
    private final ExecutorService builder = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("environments").factory());
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("environments-timer").factory());
    private final Map<Request, Entry> entries = new HashMap<>();
    private BooleanSupplier again = () -> true;

    /** What makes environments; the same words as {@link PythonEnvironments}. */
    interface Maker {
        Digest prepare(Request request) throws IOException, InterruptedException;

        boolean has(Digest digest);
    }

    /**
     * How long is waited.
     *
     * @param least between a failure and the next try
     * @param first after the first failure; doubled after each further one
     * @param most the longest
     */
    record Pauses(Duration least, Duration first, Duration most) {
        static final Pauses USUAL = new Pauses(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofMinutes(10));
    }

    /** One that is wanted; guarded by the maker. */
    private static final class Entry {
        private CompletableFuture<Digest> work = new CompletableFuture<>();
        private int failures;
        private long failedAt;
        private long dueAt;
    }

    /** @param makes whether any is made; without it, those that others prepared are used */
    EnvironmentMaking(boolean makes, Maker maker, List<String> dirs, Pauses pauses) {
        this.makes = makes;
        this.maker = maker;
        this.dirs = dirs;
        this.pauses = pauses;
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    static EnvironmentMaking of(ScorerSettings settings) {
        PythonEnvironments environments =
                new PythonEnvironments(settings.python().environments());
        return new EnvironmentMaking(
                settings.python().make(),
                new Maker() {
                    @Override
                    public Digest prepare(Request request) throws IOException, InterruptedException {
                        return environments.prepare(request).digest();
                    }

                    @Override
                    public boolean has(Digest digest) {
                        return environments.has(digest);
                    }
                },
                settings.python().dirs(),
                Pauses.USUAL);
    }

    Environments environments() {
        return makes ? this : Environments.PREPARED;
    }

    /** @param apply called when what is known of environments has changed; false to be called again after a pause */
    synchronized void start(BooleanSupplier apply) {
        again = apply;
    }

    @Override
    public @Nullable String of(ModelManifest manifest, @Nullable String told) {
        if (manifest.python() == null) {
            return told;
        }
        if (told != null && maker.has(new Digest(told))) {
            return told; // the server's own, on the same machine
        }
        CompletableFuture<Digest> work = wanted(Request.of(manifest.python(), dirs, BUILD_MAX));
        if (!work.isDone()) { // waiting would hold up other models
            throw new NotPrepared(State.BUILDING, "");
        }
        if (work.isCompletedExceptionally()) {
            throw new NotPrepared(
                    State.FAILED, String.valueOf(work.exceptionNow().getMessage()));
        }
        return work.join().hex();
    }

    /** The work for it, begun unless it goes on, is done, or failed a short while ago. */
    private synchronized CompletableFuture<Digest> wanted(Request request) {
        @Nullable Entry known = entries.get(request);
        Entry entry = known == null ? new Entry() : known;
        boolean gone = entry.work.isDone() && !entry.work.isCompletedExceptionally() && !maker.has(entry.work.join());
        boolean due = entry.work.isCompletedExceptionally() && System.nanoTime() - entry.dueAt >= 0;
        if (known == null || gone || due) {
            CompletableFuture<Digest> work = new CompletableFuture<>();
            entry.work = work;
            entries.put(request, entry);
            builder.execute(() -> build(request, entry, work));
        }
        return entry.work;
    }

    private void build(Request request, Entry entry, CompletableFuture<Digest> work) {
        LOG.info("environment for Python {} with {}", request.python(), request.requirements());
        try {
            Digest digest = maker.prepare(request);
            succeeded(entry);
            work.complete(digest);
        } catch (RuntimeException | IOException e) { // whoever wants it would wait for ever
            LOG.warn("the environment cannot be built: {}", e.getMessage());
            failed(entry);
            work.completeExceptionally(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed(entry);
            work.completeExceptionally(PerennialException.state("the scorer ended while it was being built"));
        }
        look(Duration.ZERO);
    }

    private synchronized void succeeded(Entry entry) {
        entry.failures = 0;
    }

    private synchronized void failed(Entry entry) {
        long pause = Math.min(pauses.most().toNanos(), pauses.first().toNanos() << Math.min(entry.failures, Byte.SIZE));
        entry.failures++;
        entry.failedAt = System.nanoTime();
        entry.dueAt = entry.failedAt + pause;
        look(Duration.ofNanos(pause));
    }

    /** The configuration is another one: what failed is tried again, if not at once, then soon. */
    synchronized void hurry() {
        long now = System.nanoTime();
        for (Entry entry : entries.values()) {
            if (entry.work.isCompletedExceptionally()) {
                entry.dueAt = Math.min(
                                entry.dueAt - now,
                                entry.failedAt + pauses.least().toNanos() - now)
                        + now;
                look(Duration.ofNanos(Math.max(0, entry.dueAt - now)));
            }
        }
    }

    private synchronized void look(Duration later) {
        if (!timer.isShutdown()) {
            BooleanSupplier apply = again;
            timer.schedule(() -> applyAgain(apply), later.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void applyAgain(BooleanSupplier apply) {
        try {
            if (!apply.getAsBoolean()) {
                look(pauses.first());
            }
        } catch (RuntimeException e) { // the timer would never look again
            LOG.error("the configuration cannot be put into effect", e);
            look(pauses.first());
        }
    }

    /** Ends what is being made; what is half built is made anew by whoever wants it next. */
    @Override
    public void close() {
        synchronized (this) {
            timer.shutdownNow(); // nobody looks again
        }
        builder.shutdownNow();
        try {
            if (!builder.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("an environment is still being made");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
