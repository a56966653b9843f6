package dev.perennial.scorer.spool;

import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.config.Backoff;
import dev.perennial.scorer.config.ScorerInstance;
import dev.perennial.scorer.config.ServerLink;
import dev.perennial.scorer.serving.FuseReport;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings sealed segments, confirmed flushes and blown fuses to the server: in order, again and again until it took them. A segment's
 * file is deleted after the server has it; one that the server refuses for good is set aside in {@code rejected}. One thread.
 */
public final class Delivery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);
    private static final long TIMEOUT_MILLIS = 30_000;
    private static final int OK = 200;
    private static final int NO_CONTENT = 204;
    private static final Set<Integer> REFUSED = Set.of(400, 409, 413, 422);

    private final LinkedBlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private final ServerLink link;
    private final ScorerInstance instance;
    private final Backoff backoff;
    private final Spooled spooled;
    private final LongAdder delivered;
    private final LongAdder failures;
    private final LongAdder rejected;
    private final Thread thread;
    private final AtomicInteger open = new AtomicInteger();

    /** What is brought. */
    sealed interface Item {}

    /** A sealed file. */
    record Sealed(Path file, long generation, long number, Digest root, long bytes) implements Item {}

    record Flushed(long flush) implements Item {}

    record Blown(FuseReport report) implements Item {}

    /** Told when a file's bytes are gone from the spool. */
    interface Spooled {
        void gone(long bytes);
    }

    Delivery(ServerLink link, ScorerInstance instance, Spooled spooled, Metrics metrics, RandomGenerator random) {
        this.link = link;
        this.instance = instance;
        this.spooled = spooled;
        this.backoff = new Backoff(random);
        this.delivered = metrics.counter("perennial_scorer_segments_delivered_total");
        this.failures = metrics.counter("perennial_scorer_delivery_failures_total");
        this.rejected = metrics.counter("perennial_scorer_segments_rejected_total");
        this.thread = Thread.ofPlatform().daemon().name("delivery").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void add(Item item) {
        open.incrementAndGet();
        items.add(item);
    }

    /** Reports a blown fuse. */
    public void report(FuseReport report) {
        add(new Blown(report));
    }

    int waiting() {
        return open.get();
    }

    /** Waits until everything is delivered, so long at most. */
    boolean drain(long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (waiting() > 0 && System.nanoTime() < end) {
            Thread.sleep(5);
        }
        return waiting() == 0;
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Item item = items.take();
                while (!deliver(item)) {
                    failures.increment();
                    Thread.sleep(backoff.nextMillis());
                }
                backoff.reset();
                open.decrementAndGet();
            }
        } catch (InterruptedException e) {
            LOG.debug("delivery ends");
        }
    }

    private boolean deliver(Item item) throws InterruptedException {
        try {
            return switch (item) {
                case Sealed sealed -> segment(sealed);
                case Flushed flushed ->
                    post(
                            "/flushed",
                            Json.write(
                                    Json.object().put("flush", flushed.flush()).put("instance", instance.toString())));
                case Blown blown -> post("/fuse", Json.write(blown.report()));
            };
        } catch (IOException e) {
            LOG.debug("not delivered: {}", e.getMessage());
            return false;
        }
    }

    private boolean segment(Sealed sealed) throws IOException, InterruptedException {
        CrashPoint.hit("scorer-before-delivery");
        byte[] bytes = Files.readAllBytes(sealed.file());
        ServerLink.Reply reply = link.call(
                HttpMethod.PUT,
                "/segments/" + sealed.generation() + "/" + sealed.number(),
                Map.of("X-Perennial-Root", sealed.root().hex()),
                bytes,
                TIMEOUT_MILLIS);
        CrashPoint.hit("scorer-after-delivery");
        if (reply.status() == OK || reply.status() == NO_CONTENT) {
            Files.deleteIfExists(sealed.file());
            spooled.gone(sealed.bytes());
            delivered.increment();
            return true;
        }
        if (REFUSED.contains(reply.status())) {
            Path aside = sealed.file()
                    .resolveSibling("rejected")
                    .resolve(sealed.file().getFileName());
            Files.createDirectories(aside.getParent());
            Files.move(sealed.file(), aside, StandardCopyOption.REPLACE_EXISTING);
            rejected.increment();
            LOG.error(
                    "the server refuses segment {} with {}: {}; it is kept as {}",
                    sealed.number(),
                    reply.status(),
                    reply.text(),
                    aside);
            return true;
        }
        return false;
    }

    private boolean post(String path, String body) throws IOException, InterruptedException {
        ServerLink.Reply reply =
                link.call(HttpMethod.POST, path, Map.of(), body.getBytes(StandardCharsets.UTF_8), TIMEOUT_MILLIS);
        if (REFUSED.contains(reply.status())) {
            LOG.error("the server refuses {} with {}: {}", path, reply.status(), reply.text());
            return true;
        }
        return reply.status() == OK || reply.status() == NO_CONTENT;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
