package dev.perennial.lifecycle;

import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns every model's wheel. What is due follows from the model's clock and its stored state alone, so a loop that was killed goes on
 * where the last decision was committed. One turn does one thing, in this order: a blown fuse, a finished candidate or comparison, a proposal, the next
 * tick (the local publication hour: close days, look at monitors, judge the rollout, decide about a candidate). Thread-safe; the turns of
 * one model never overlap.
 */
public final class LifecycleLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LifecycleLoop.class);
    private static final long SWEEP_MILLIS = 1000;
    private static final long IDLE_LOOK_MILLIS = 200;

    private final Lifecycles lifecycles;
    private final LoopStates states;
    private final CandidateDesk candidates;
    private final TickDesk ticks;
    private final FuseDesk fuses;
    private final SkewDesk skew;
    private final Runnable first;
    private final ExecutorService turns = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService sweep = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("lifecycle-sweep").factory());
    private final Map<ModelId, Wheel> wheels = new ConcurrentHashMap<>();

    /** @param first done once before the wheels turn by themselves */
    LifecycleLoop(
            Lifecycles lifecycles,
            LoopStates states,
            CandidateDesk candidates,
            TickDesk ticks,
            FuseDesk fuses,
            SkewDesk skew,
            Runnable first) {
        this.lifecycles = lifecycles;
        this.states = states;
        this.candidates = candidates;
        this.ticks = ticks;
        this.fuses = fuses;
        this.skew = skew;
        this.first = first;
    }

    /** Starts looking at all models; each is also woken by what concerns it. */
    public void start() {
        first.run();
        sweep.scheduleWithFixedDelay(this::sweep, 0, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Something happened that may concern this model. Returns at once. */
    public void wake(ModelId model) {
        Wheel wheel = wheels.computeIfAbsent(model, Wheel::new);
        if (wheel.ask()) {
            turns.execute(wheel::turn);
        }
    }

    /** Waits until nothing is due for a model at its present clock; false when {@code wait} has passed before. */
    public boolean awaitIdle(ModelId model, Duration wait) {
        long deadline = System.nanoTime() + wait.toNanos();
        Wheel wheel = wheels.computeIfAbsent(model, Wheel::new);
        while (true) {
            wake(model);
            if (wheel.quietFor(deadline) && !due(model)) {
                return true;
            }
            if (System.nanoTime() >= deadline) {
                return false;
            }
            wheel.pause();
        }
    }

    @Override
    public void close() {
        sweep.shutdownNow();
        turns.shutdownNow();
    }

    private void sweep() {
        try {
            states.models().forEach(this::wake);
        } catch (PerennialException e) {
            LOG.warn("cannot look at the models now; trying again", e);
        }
    }

    private boolean due(ModelId model) {
        AppliedLifecycle applied = lifecycles.get(model);
        LoopState state = states.get(model).state();
        return state.attempt() != null
                || state.comparing() != null
                || fuses.pending(model)
                || candidates.requested(model)
                || nextTick(applied, state) <= lifecycles.clock(model);
    }

    /** Does the next thing that is due; false when there is none. */
    private boolean turnOnce(ModelId model) {
        AppliedLifecycle applied = lifecycles.get(model);
        LoopStates.Stored stored = states.get(model);
        long clock = lifecycles.clock(model);
        if (fuses.handle(applied, stored, clock)) {
            return true;
        }
        if (candidates.conclude(applied, stored)) {
            return true;
        }
        if (skew.conclude(applied, stored)) {
            return true;
        }
        if (candidates.takeRequest(applied, stored, clock)) {
            return true;
        }
        long tick = nextTick(applied, stored.state());
        if (tick > clock) {
            return false;
        }
        ticks.tick(applied, tick);
        return true;
    }

    /** The first publication hour after the last finished tick. */
    static long nextTick(AppliedLifecycle applied, LoopState state) {
        return applied.file().calendar().nextPublication(state.tick());
    }

    /** The turns of one model: at most one runs, and a wake during it makes it look once more. */
    private final class Wheel {
        private final ModelId model;
        private boolean running;
        private boolean again;

        private Wheel(ModelId model) {
            this.model = model;
        }

        private synchronized boolean ask() {
            if (running) {
                again = true;
                return false;
            }
            running = true;
            return true;
        }

        private void turn() {
            do {
                try {
                    while (turnOnce(model)) {
                        LOG.debug("model={} turned", model);
                    }
                } catch (PerennialException e) {
                    LOG.warn("model={} cannot turn now: {}", model, e.getMessage(), e);
                    finish();
                    return;
                } catch (RuntimeException e) {
                    LOG.error("model={} the loop failed; it tries again", model, e);
                    finish();
                    return;
                }
            } while (askedAgain());
        }

        private synchronized boolean askedAgain() {
            if (again) {
                again = false;
                return true;
            }
            finish();
            return false;
        }

        private synchronized void finish() {
            running = false;
            again = false;
            notifyAll();
        }

        /** Waits for the running turn; true when none runs. */
        private synchronized boolean quietFor(long deadline) {
            try {
                while (running && System.nanoTime() < deadline) {
                    wait(IDLE_LOOK_MILLIS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return !running;
        }

        private synchronized void pause() {
            try {
                wait(IDLE_LOOK_MILLIS / 4);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
