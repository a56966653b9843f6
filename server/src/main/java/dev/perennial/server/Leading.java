package dev.perennial.server;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Leadership;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns this server into the leader when nobody leads: the one that turns the loop, runs pipelines, keeps a scorer and sends messages. A
 * leader that finds another one in its place ends. The others serve tracking, registry and all that only reads.
 */
final class Leading implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Leading.class);

    private final Leadership leadership;
    private final Database database;
    private final InstantSource clock;
    private final String url;
    private final Runnable begin;
    private final Runnable end;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("leading").factory());
    private volatile boolean leads;
    private long epoch;

    /**
     * @param begin starts what a leader does
     * @param end ends this process, because another server leads
     */
    Leading(Leadership leadership, Database database, InstantSource clock, String url, Runnable begin, Runnable end) {
        this.leadership = leadership;
        this.database = database;
        this.clock = clock;
        this.url = url;
        this.begin = begin;
        this.end = end;
    }

    void start() {
        tryToLead();
        timer.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
    }

    boolean leads() {
        return leads;
    }

    /** The address of the leader, as it told when it began. */
    String leader() {
        return leads
                ? url
                : database.read(sql -> sql.createQuery("select url from leader")
                        .mapTo(String.class)
                        .one());
    }

    private void look() {
        try {
            if (!leads) {
                tryToLead();
            } else if (leadership.lost() && epoch() != epoch) {
                LOG.error("another server leads now ({}); this one ends, start it again", leader());
                end.run();
            }
        } catch (PerennialException e) {
            LOG.warn("who leads cannot be looked at now: {}", e.getMessage());
        }
    }

    private void tryToLead() {
        if (leadership.take()) {
            epoch = database.write(tx -> tx.sql()
                    .createQuery("update leader set epoch = epoch + 1, url = :url, since = :now returning epoch")
                    .bind("url", url)
                    .bind("now", clock.millis())
                    .mapTo(Long.class)
                    .one());
            begin.run();
            leads = true;
            LOG.info("this server leads, the {}. time that one does", epoch);
        }
    }

    private long epoch() {
        return database.read(sql ->
                sql.createQuery("select epoch from leader").mapTo(Long.class).one());
    }

    @Override
    public void close() {
        timer.shutdownNow();
        leadership.close();
    }
}
