package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.GarbageCollection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one collection at a time in the background and remembers how the last one ended. Thread-safe. */
final class Upkeep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

    private final GarbageCollection garbage;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Thread running;
    private String step = "";
    private Optional<GarbageCollection.Report> report = Optional.empty();
    private String problem = "";

    Upkeep(GarbageCollection garbage) {
        this.garbage = garbage;
    }

    ObjectNode look(Duration retention) {
        return garbage.look(retention).json().put("state", "DONE");
    }

    /** Starts one; {@code CONFLICT} when one runs. */
    ObjectNode start(Duration retention, String by) {
        lock.lock();
        try {
            if (running != null) {
                throw PerennialException.conflict("a collection runs already (" + step + "); wait for its end");
            }
            report = Optional.empty();
            problem = "";
            step = "starting";
            running = Thread.ofVirtual().name("gc").start(() -> collect(retention, by));
            return state();
        } finally {
            lock.unlock();
        }
    }

    private void collect(Duration retention, String by) {
        String failed = "the collection ended early; the server's log says why";
        Optional<GarbageCollection.Report> done = Optional.empty();
        try {
            done = Optional.of(garbage.collect(retention, by, this::at));
            failed = "";
        } catch (PerennialException e) {
            failed = String.valueOf(e.getMessage());
            LOG.warn("nothing more is deleted: {}", failed);
        } finally {
            ended(done, failed);
        }
    }

    private void at(String text) {
        lock.lock();
        try {
            step = text;
        } finally {
            lock.unlock();
        }
    }

    private void ended(Optional<GarbageCollection.Report> done, String failed) {
        lock.lock();
        try {
            running = null;
            report = done;
            problem = failed;
        } finally {
            lock.unlock();
        }
    }

    /** {@code state} is NONE, RUNNING, DONE or FAILED. */
    ObjectNode state() {
        lock.lock();
        try {
            if (running != null) {
                return Json.object().put("state", "RUNNING").put("step", step);
            }
            if (report.isPresent()) {
                return report.get().json().put("state", "DONE");
            }
            return problem.isEmpty()
                    ? Json.object().put("state", "NONE")
                    : Json.object().put("state", "FAILED").put("problem", problem);
        } finally {
            lock.unlock();
        }
    }

    /** Ends a running collection at its next step, before the database is closed. */
    @Override
    public void close() {
        garbage.close();
        Thread left = running();
        try {
            if (left != null) {
                left.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable Thread running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }
}
