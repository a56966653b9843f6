package dev.perennial.lifecycle;

import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the rollouts of endpoints without a lifecycle file, each second and when something concerns one. Thread-safe. */
public final class EndpointRolloutLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointRolloutLoop.class);
    private static final long SWEEP_MILLIS = 1_000;
    private static final int FORGET_EVERY = 3_600;

    private final EndpointRollouts rollouts;
    private final Runnable moved;
    private final Set<ModelId> turning = ConcurrentHashMap.newKeySet();
    private final ExecutorService turns = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService sweep = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("endpoint-rollouts").factory());
    private int sweeps;

    /** @param moved called after each turn that did something: the traffic may be another */
    public EndpointRolloutLoop(EndpointRollouts rollouts, Runnable moved) {
        this.rollouts = rollouts;
        this.moved = moved;
    }

    public void start() {
        sweep.scheduleWithFixedDelay(this::sweep, 0, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Something concerns this endpoint, such as a report of a blown fuse. Returns at once; a turn that runs makes the next sweep look. */
    public void wake(ModelId endpoint) {
        if (turning.add(endpoint)) {
            turns.execute(() -> turn(endpoint));
        }
    }

    private void sweep() {
        try {
            rollouts.endpoints().forEach(this::wake);
            if (sweeps++ % FORGET_EVERY == 0) {
                rollouts.forget();
            }
        } catch (PerennialException e) {
            LOG.warn("cannot look at the rollouts now; trying again", e);
        } catch (RuntimeException e) { // the last line of a timer, which would never run again: logged, tried again
            LOG.error("looking at the rollouts failed; trying again", e);
        }
    }

    private void turn(ModelId endpoint) {
        try {
            while (rollouts.turn(endpoint)) {
                moved.run();
            }
        } catch (PerennialException e) {
            LOG.warn("endpoint={} its rollout cannot turn now: {}", endpoint, e.getMessage(), e);
        } catch (RuntimeException e) { // the boundary of a turn: logged, and the next sweep tries again
            LOG.error("endpoint={} its rollout failed; it is tried again", endpoint, e);
        } finally {
            turning.remove(endpoint);
        }
    }

    @Override
    public void close() {
        sweep.shutdownNow();
        turns.shutdownNow();
    }
}
