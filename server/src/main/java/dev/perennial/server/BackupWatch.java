package dev.perennial.server;

import dev.perennial.kernel.PerennialException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks every second whether a backup was taken, so that the ledger tells of it soon. Costs one look at a small folder. */
final class BackupWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackupWatch.class);

    private final Runnable tell;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("backup-notes").factory());

    /** @param tell tells the ledger of what there is */
    BackupWatch(Runnable tell) {
        this.tell = tell;
    }

    void start() {
        timer.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.SECONDS);
    }

    private void look() {
        try {
            tell.run();
        } catch (PerennialException e) {
            LOG.warn("the ledger cannot be told of a backup now: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        timer.close();
    }
}
