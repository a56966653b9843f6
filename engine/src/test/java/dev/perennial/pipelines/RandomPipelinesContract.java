package dev.perennial.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.WorkerProtocol.Claim;
import dev.perennial.store.StoreSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random pipelines with failing steps, dying workers and dying servers end as a few lines of plain reasoning say. Both databases run
 * this.
 */
abstract class RandomPipelinesContract {
    private static final int STEPS_MAX = 12;

    @TempDir
    Path folder;

    abstract StoreSettings storage(Path folder);

    abstract int pipelines();

    /** How often each step of a pipeline fails by its own fault before it succeeds, by key of the run and path. */
    private final Map<String, Integer> faults = new ConcurrentHashMap<>();

    /** Whether the next attempt fails: as long as fewer faults than planned are on record. */
    private boolean fails(PipelineEngine engine, RunId run, String path) {
        long recorded = engine.attempts(run).stream()
                .filter(attempt -> attempt.path().equals(path) && attempt.failure() == FailureClass.USER)
                .count();
        String key = engine.find(run).orElseThrow().dedupKey();
        return recorded < faults.getOrDefault(key + "/" + path, 0);
    }

    private record Plan(PipelineSpec spec, Map<String, StepState> expected, Map<String, Integer> faults) {}

    private static Plan plan(SplittableRandom random) {
        List<StepSpec> steps = new ArrayList<>();
        Map<String, StepState> expected = new TreeMap<>();
        Map<String, Integer> faults = new TreeMap<>();
        int count = 1 + random.nextInt(STEPS_MAX);
        for (int i = 0; i < count; i++) {
            String path = "s" + i;
            StepSpec step = random.nextBoolean() ? StepSpec.inline(path, "inline") : StepSpec.worker(path, "worker");
            int attempts = 1 + random.nextInt(3);
            step = step.retrying(new RetryPolicy(attempts, 0, 1, 0));
            boolean upstream = true;
            for (int before = 0; before < i; before++) {
                if (random.nextInt(3) == 0) {
                    step = step.after("s" + before);
                    upstream &= expected.get("s" + before) == StepState.SUCCEEDED;
                }
            }
            int wrong = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0;
            faults.put(path, wrong);
            StepState own = wrong < attempts ? StepState.SUCCEEDED : StepState.FAILED;
            expected.put(path, upstream ? own : StepState.UPSTREAM_FAILED);
            steps.add(step);
        }
        return new Plan(new PipelineSpec("random", steps), expected, faults);
    }

    @Test
    void everyRunEndsAsItMustWhateverDies() {
        AtomicReference<EngineFixture> open = new AtomicReference<>();
        InlineStep inline = EngineFixture.step("inline", c -> {
            if (fails(open.get().engine(), c.run(), c.path())) {
                throw new IllegalStateException("a fault of the step");
            }
            return Map.of();
        });
        EngineSettings settings = new EngineSettings(2, 2, 5, 60_000, 60_000, 1, 50, new RetryPolicy(1_000, 0, 1, 0));
        try (EngineFixture fixture =
                new EngineFixture(folder, storage(folder), settings, UnaryOperator.identity(), inline)) {
            open.set(fixture);
            for (int seed = 0; seed < pipelines(); seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                Plan plan = plan(random);
                String key = "seed-" + seed;
                plan.faults.forEach((path, wrong) -> faults.put(key + "/" + path, wrong));
                RunId started = fixture.start(plan.spec, key);
                work(fixture, started, random);
                RunView view = fixture.awaitEnd(started);
                Map<String, StepState> ended = new TreeMap<>();
                view.steps().forEach(step -> ended.put(step.path(), step.state()));
                assertThat(ended).as("seed " + seed + " of " + plan.spec).isEqualTo(plan.expected);
                boolean all = ended.values().stream().allMatch(state -> state == StepState.SUCCEEDED);
                assertThat(view.state()).isEqualTo(all ? RunState.SUCCEEDED : RunState.FAILED);
                fixture.checkInvariants();
            }
        }
    }

    /** Plays the run's workers: takes steps, fails, dies, and now and then lets the server die. */
    private void work(EngineFixture fixture, RunId run, SplittableRandom random) {
        int[] left = {3, 1};
        try {
            EngineFixture.await(() -> step(fixture, run, random, left));
        } catch (AssertionError e) {
            throw new AssertionError(fixture.story(run), e);
        }
    }

    private boolean step(EngineFixture fixture, RunId run, SplittableRandom random, int[] left) {

        for (WorkerView worker : fixture.engine().workers()) {
            if (worker.state().serving()) {
                workOnce(fixture, worker, random, left);
            }
        }
        if (left[1] > 0 && random.nextInt(200) == 0) {
            left[1]--;
            fixture.restart();
        }
        return fixture.engine().find(run).orElseThrow().state().terminal();
    }

    private void workOnce(EngineFixture fixture, WorkerView worker, SplittableRandom random, int[] left) {
        try {
            switch (fixture.engine().protocol().claim(worker.run(), worker.name())) {
                case Claim.Work work -> {
                    if (left[0] > 0 && random.nextInt(3) == 0) {
                        left[0]--;
                        fixture.launcher.die(worker.name());
                    } else if (fails(fixture.engine(), worker.run(), work.path())) {
                        fixture.engine().protocol().fail(work.token(), FailureClass.USER, "a fault of the step");
                    } else {
                        WorkerResult result = new WorkerResult(Map.of(), Map.of(), new WorkerResult.Usage(1, 1));
                        fixture.engine().protocol().complete(work.token(), result);
                    }
                }
                case Claim.Wait wait -> {}
                case Claim.Finished finished -> fixture.launcher.exit(worker.name(), 0);
            }
        } catch (PerennialException e) {
            assertThat(e).hasMessageContaining("attempt_fenced");
        }
    }
}
