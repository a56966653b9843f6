package dev.perennial.scorer.config;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the server for configurations, which is also the heartbeat: each answer is applied and kept on disk, and while the server is away
 * the last good one goes on. One thread.
 */
public final class ConfigPoller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigPoller.class);
    private static final int WAIT_SECONDS = 20;
    private static final long TIMEOUT_MILLIS = 30_000;
    private static final int OK = 200;
    private static final int REFUSED = 400;
    private static final int UNCHANGED = 204;
    private static final int FOREIGN = 409;
    private static final int NOT_FOUND = 404;
    private static final int NOT_ALLOWED = 405;

    private final ServerLink link;
    private final LastGoodConfig lastGood;
    private final Predicate<ScorerConfig> apply;
    private final Supplier<String> url;
    private final Backoff backoff;
    private final Consumer<String> foreign;
    private final Supplier<Hello> hello;
    private final Thread thread;
    private @Nullable Welcome welcome;
    private @Nullable Hello said;
    private String refusal = "";
    private volatile long heardAt = System.nanoTime();
    private volatile long applied = ScorerConfig.NONE.revision();
    private volatile boolean connected;

    /**
     * @param apply puts a configuration into effect; false when not all of it could be, so that it is tried again
     * @param foreign told once, with the reason, when the server belongs to another installation; polling has then ended
     * @param hello said whenever the server is reached anew, which may be another build, and when it is another than before
     */
    public ConfigPoller(
            ServerLink link,
            LastGoodConfig lastGood,
            Predicate<ScorerConfig> apply,
            Supplier<String> url,
            RandomGenerator random,
            Consumer<String> foreign,
            Supplier<Hello> hello) {
        this.link = link;
        this.lastGood = lastGood;
        this.apply = apply;
        this.url = url;
        this.backoff = new Backoff(random);
        this.foreign = foreign;
        this.hello = hello;
        this.thread = Thread.ofPlatform().daemon().name("config-poller").unstarted(this::run);
    }

    /** Applies what was kept from the last run, then polls in the background. */
    public void start() {
        lastGood.load().ifPresent(this::apply);
        thread.start();
    }

    /** Revision in effect, -1 before the first. */
    public long applied() {
        return applied;
    }

    /** Whether the server answered the last time. */
    public boolean connected() {
        return connected;
    }

    /** For how long the server has not been heard; 0 while it answers. */
    public long silentNanos() {
        return connected ? 0 : System.nanoTime() - heardAt;
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                if (poll()) {
                    backoff.reset();
                } else {
                    Thread.sleep(backoff.nextMillis());
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("polling ends");
        }
    }

    private boolean poll() throws InterruptedException {
        try {
            Hello now = hello.get();
            Welcome known = now.equals(said) ? welcome : null;
            Welcome greeted = known == null ? greet(now) : known;
            welcome = greeted;
            said = now;
            long most = now.environments().isEmpty() ? WAIT_SECONDS : 1; // what it says of them changes soon
            long wait = Math.clamp(greeted.heartbeatMillis() / 1000, 1, most);
            String path = "/config?revision=" + applied + "&wait=" + wait;
            Map<String, String> headers = Map.of(
                    "X-Perennial-Scorer-Url",
                    url.get(),
                    "X-Perennial-Applied",
                    Long.toString(applied),
                    "X-Perennial-Protocol",
                    Integer.toString(greeted.protocol()),
                    "X-Perennial-Instance",
                    now.instance());
            ServerLink.Reply reply = link.call(HttpMethod.GET, path, headers, new byte[0], TIMEOUT_MILLIS);
            connected(reply.status() == OK || reply.status() == UNCHANGED, "status " + reply.status());
            if (reply.status() == FOREIGN) {
                foreign.accept(reply.text());
                throw new InterruptedException("this scorer is of no use here");
            }
            return switch (reply.status()) {
                case OK -> take(reply);
                case UNCHANGED -> true;
                default -> false;
            };
        } catch (IOException | PerennialException e) { // also what stands between and answers in the server's place
            connected(false, String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** A server that does not know the question speaks protocol 1. */
    private Welcome greet(Hello now) throws IOException, InterruptedException {
        byte[] body = Json.write(now).getBytes(StandardCharsets.UTF_8);
        ServerLink.Reply reply = link.call(HttpMethod.POST, "/hello", Map.of(), body, TIMEOUT_MILLIS);
        return switch (reply.status()) {
            case OK -> {
                Welcome said = Json.read(reply.text(), Welcome.class);
                if (said.replaceBy() != null) {
                    LOG.info("the server is of build {} and waits for a scorer of it", said.replaceBy());
                }
                yield said;
            }
            case NOT_FOUND, NOT_ALLOWED -> Welcome.FIRST;
            case FOREIGN -> {
                foreign.accept(reply.text());
                throw new InterruptedException("this scorer is of no use here");
            }
            default -> {
                refused(reply);
                throw new IOException("hello was answered with " + reply.status() + ": " + reply.text());
            }
        };
    }

    /** The server does not want this scorer and says why, which is told once: it is asked again and again. */
    private void refused(ServerLink.Reply reply) {
        if (reply.status() == REFUSED && !reply.text().equals(refusal)) {
            refusal = reply.text();
            LOG.error("the server refuses this scorer: {}", refusal);
        }
    }

    private boolean take(ServerLink.Reply reply) {
        try {
            ScorerConfig config = Json.read(reply.text(), ScorerConfig.class);
            if (!apply(config)) {
                return false;
            }
            lastGood.keep(config);
            return true;
        } catch (PerennialException e) {
            LOG.error("the server's configuration cannot be used: {}", e.getMessage());
            return false;
        }
    }

    private boolean apply(ScorerConfig config) {
        try {
            boolean whole = apply.test(config);
            if (whole) {
                applied = config.revision();
            }
            return whole;
        } catch (PerennialException e) {
            throw e;
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError | LinkageError e) {
            // the last line of a thread without which the scorer never hears of anything again: logged, tried again
            // later
            LOG.error("revision {} cannot be put into effect", config.revision(), e);
            return false;
        }
    }

    private void connected(boolean now, String detail) {
        if (connected != now) {
            LOG.info(now ? "server reached" : "server away ({}); going on with revision {}", detail, applied);
        }
        connected = now;
        if (now) {
            heardAt = System.nanoTime();
        } else {
            welcome = null;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
