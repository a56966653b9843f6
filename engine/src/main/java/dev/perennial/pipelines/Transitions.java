package dev.perennial.pipelines;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.pipelines.AttemptRows.AttemptRow;
import dev.perennial.pipelines.AttemptRows.End;
import dev.perennial.pipelines.RunRows.RunRow;
import dev.perennial.pipelines.RunRows.StepRow;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The rules by which runs, steps and attempts change. Every method runs inside one transaction and leaves the run consistent: what has
 * to follow from a change happens in the same transaction.
 */
final class Transitions {
    private final InstantSource clock;
    private final EngineSettings settings;
    private final Specs specs;
    private final Runnable changed;
    private final Consumer<RunId> ended;

    /**
     * @param changed called after each commit that changed something
     * @param ended called after the commit that ended a run
     */
    Transitions(InstantSource clock, EngineSettings settings, Specs specs, Runnable changed, Consumer<RunId> ended) {
        this.clock = clock;
        this.settings = settings;
        this.specs = specs;
        this.changed = changed;
        this.ended = ended;
    }

    /** Files of an output with their sizes, beside its values. */
    record Made(Map<String, JsonNode> values, Map<String, Digest> files, Map<String, Long> sizes) {}

    void create(Transaction tx, RunRow run, PipelineSpec spec) {
        RunRows.insertSpec(tx.sql(), spec, run.spec(), Json.canonical(spec), run.createdAt());
        RunRows.insertRun(tx.sql(), run);
        for (int i = 0; i < spec.steps().size(); i++) {
            StepSpec step = spec.steps().get(i);
            int needs = PipelineSpec.needs(step).size();
            StepState state = needs == 0 ? StepState.READY : StepState.WAITING;
            RunRows.insertStep(
                    tx.sql(),
                    new StepRow(run.id(), step.path(), i, step.kind(), step.executor(), state, 0, needs, 0, 0, 0),
                    run.createdAt());
        }
        tx.afterCommit(changed);
    }

    /** READY to RUNNING with a new attempt. */
    AttemptRow claim(Transaction tx, StepRow step, String owner, String token, long logFrom) {
        long now = clock.millis();
        StepRow running = RunRows.moveStep(tx.sql(), step, StepState.RUNNING, 0, now, owner);
        return AttemptRows.insert(tx.sql(), running, owner, token, settings.leaseMillis(), logFrom, now);
    }

    /** The commit of an output: outputs, attempt, step, dependants and perhaps the run, at once. */
    void succeed(Transaction tx, AttemptRow attempt, Made made, End end) {
        long now = clock.millis();
        made.values()
                .forEach(
                        (name, value) -> AttemptRows.insertValue(tx.sql(), attempt.run(), attempt.path(), name, value));
        made.files()
                .forEach((name, digest) -> AttemptRows.insertFile(
                        tx.sql(),
                        attempt.run(),
                        attempt.path(),
                        name,
                        digest,
                        made.sizes().getOrDefault(name, 0L)));
        AttemptRows.end(tx.sql(), attempt, end, now);
        StepRow step = RunRows.step(tx.sql(), attempt.run(), attempt.path());
        RunRows.moveStep(tx.sql(), step, StepState.SUCCEEDED, 0, now, "attempt " + attempt.no());
        RunRow run = RunRows.runOf(tx.sql(), attempt.run());
        for (String path : specs.of(tx.sql(), run).dependants(attempt.path())) {
            StepRow dependant = RunRows.closeDependency(tx.sql(), RunRows.step(tx.sql(), attempt.run(), path));
            if (dependant.depsOpen() == 0 && dependant.state() == StepState.WAITING) {
                RunRows.moveStep(tx.sql(), dependant, StepState.READY, 0, now, "all that it needs succeeded");
            }
        }
        settle(tx, run, now);
    }

    /** An attempt ended without success: another try when the budget of its class allows it, else the end of the step. */
    void fail(Transaction tx, AttemptRow attempt, End end) {
        long now = clock.millis();
        StepRow step = RunRows.step(tx.sql(), attempt.run(), attempt.path());
        RunRow run = RunRows.runOf(tx.sql(), attempt.run());
        if (step.state() == StepState.STOPPING) {
            AttemptRows.end(tx.sql(), attempt, End.cancelled(end.message()), now);
            RunRows.moveStep(tx.sql(), step, StepState.CANCELLED, 0, now, end.message());
        } else {
            AttemptRows.end(tx.sql(), attempt, end, now);
            retryOrFail(tx, run, step, end, now);
        }
        settle(tx, run, now);
    }

    private void retryOrFail(Transaction tx, RunRow run, StepRow step, End end, long now) {
        boolean infra = end.failure() == FailureClass.INFRA;
        PipelineSpec spec = specs.of(tx.sql(), run);
        RetryPolicy policy =
                infra ? settings.infraRetry() : spec.step(step.path()).retry();
        int failures = AttemptRows.failures(tx.sql(), step.run(), step.path(), infra);
        if (end.failure().retryable() && failures < policy.attemptsMax()) {
            long delay = infra && step.executor() == StepExecutor.INLINE && end.state() == AttemptState.LOST
                    ? 0
                    : policy.delayMillis(step.run().text(), step.path(), failures);
            RunRows.moveStep(
                    tx.sql(), step, StepState.RETRY_WAIT, now + delay, now, end.failure() + ": " + end.message());
            return;
        }
        RunRows.moveStep(tx.sql(), step, StepState.FAILED, 0, now, end.failure() + ": " + end.message());
        failDependants(tx, spec, step.run(), step.path(), now);
    }

    private void failDependants(Transaction tx, PipelineSpec spec, RunId run, String path, long now) {
        for (String dependant : spec.dependants(path)) {
            StepRow row = RunRows.step(tx.sql(), run, dependant);
            if (row.state() == StepState.WAITING) {
                RunRows.moveStep(tx.sql(), row, StepState.UPSTREAM_FAILED, 0, now, "step " + path + " failed");
                failDependants(tx, spec, run, dependant, now);
            }
        }
    }

    /** RETRY_WAIT to READY once its time has come. */
    void retry(Transaction tx, StepRow read) {
        StepRow step = RunRows.step(tx.sql(), read.run(), read.path());
        if (step.state() == StepState.RETRY_WAIT && step.notBefore() <= clock.millis()) {
            RunRows.moveStep(tx.sql(), step, StepState.READY, 0, clock.millis(), "delay is over");
            tx.afterCommit(changed);
        }
    }

    /** Cancels what has not started at once and asks the rest to stop. */
    void cancel(Transaction tx, RunRow run, String actor, String reason) {
        long now = clock.millis();
        String detail = "cancelled by " + actor + ": " + reason;
        RunRow cancelling = RunRows.moveRun(tx.sql(), run, RunState.CANCELLING, "CANCELLED_BY_USER", detail, now);
        for (StepRow step : RunRows.steps(tx.sql(), run.id())) {
            if (step.state() == StepState.RUNNING) {
                RunRows.moveStep(tx.sql(), step, StepState.STOPPING, 0, now, detail);
            } else if (!step.state().terminal() && step.state() != StepState.STOPPING) {
                RunRows.moveStep(tx.sql(), step, StepState.CANCELLED, 0, now, detail);
            }
        }
        settle(tx, cancelling, now);
    }

    /** Ends the run when all its steps have ended. */
    private void settle(Transaction tx, RunRow run, long now) {
        tx.afterCommit(changed);
        List<StepRow> steps = RunRows.steps(tx.sql(), run.id());
        if (steps.stream().anyMatch(step -> !step.state().terminal())) {
            return;
        }
        boolean all = steps.stream().allMatch(step -> step.state() == StepState.SUCCEEDED);
        if (all) {
            RunRows.moveRun(tx.sql(), run, RunState.SUCCEEDED, "", "", now);
        } else if (run.state() == RunState.CANCELLING) {
            RunRows.moveRun(tx.sql(), run, RunState.CANCELLED, run.reason(), run.detail(), now);
        } else {
            List<String> failed = steps.stream()
                    .filter(step -> step.state() == StepState.FAILED)
                    .map(StepRow::path)
                    .toList();
            RunRows.moveRun(tx.sql(), run, RunState.FAILED, "STEP_FAILED", "failed: " + String.join(", ", failed), now);
        }
        tx.afterCommit(() -> ended.accept(run.id()));
    }

    /** Names of the points at which tests kill the server around the commit of an output. */
    static void beforeCommit() {
        CrashPoint.hit("pipelines.TX3.beforeCommit");
    }

    static void afterCommit() {
        CrashPoint.hit("pipelines.TX3.afterCommit");
    }
}
