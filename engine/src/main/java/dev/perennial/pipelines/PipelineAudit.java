package dev.perennial.pipelines;

import dev.perennial.kernel.Digest;
import dev.perennial.pipelines.AttemptRows.Outputs;
import dev.perennial.pipelines.RunRows.RunRow;
import dev.perennial.pipelines.RunRows.StepRow;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * Checks what must hold for every run at every moment: one attempt at a time, numbers without gaps, readiness by the states of what is
 * needed, outputs that are there, terminal states that stay, and a history of changes that leads to the rows as they are.
 */
public final class PipelineAudit {
    private final Database database;
    private final BlobStore blobs;

    public PipelineAudit(Database database, BlobStore blobs) {
        this.database = database;
        this.blobs = blobs;
    }

    /** Everything that is wrong with a run, in words; empty when it is sound. */
    public List<String> problems(RunId run) {
        return database.read(sql -> {
            List<String> problems = new ArrayList<>();
            RunRow row = RunRows.runOf(sql, run);
            List<StepRow> steps = RunRows.steps(sql, run);
            List<AttemptView> attempts = AttemptRows.views(sql, run);
            for (StepRow step : steps) {
                List<AttemptView> own = attempts.stream()
                        .filter(a -> a.path().equals(step.path()))
                        .toList();
                attempts(step, own, problems);
            }
            readiness(sql, row, steps, problems);
            outputs(sql, run, steps, problems);
            history(sql, row, steps, attempts, problems);
            if (WorkerRows.ofRun(sql, run).stream()
                            .filter(w -> w.state().serving())
                            .count()
                    > 1) {
                problems.add("more than one worker serves the run");
            }
            return problems;
        });
    }

    private static void attempts(StepRow step, List<AttemptView> attempts, List<String> problems) {
        long running = attempts.stream().filter(a -> !a.state().terminal()).count();
        if (running != (step.active() ? 1 : 0)) {
            problems.add("step " + step.path() + " is " + step.state() + " with " + running + " running attempts");
        }
        long succeeded = attempts.stream()
                .filter(a -> a.state() == AttemptState.SUCCEEDED)
                .count();
        if (succeeded != (step.state() == StepState.SUCCEEDED ? 1 : 0)) {
            problems.add("step " + step.path() + " is " + step.state() + " with " + succeeded + " successful attempts");
        }
        for (int i = 0; i < attempts.size(); i++) {
            if (attempts.get(i).no() != i + 1) {
                problems.add("step " + step.path() + ": attempt " + (i + 1) + " is missing");
            }
        }
    }

    private static void readiness(Handle sql, RunRow run, List<StepRow> steps, List<String> problems) {
        PipelineSpec spec = new Specs().of(sql, run);
        for (StepRow step : steps) {
            Set<String> needs = PipelineSpec.needs(spec.step(step.path()));
            long open = steps.stream()
                    .filter(s -> needs.contains(s.path()) && s.state() != StepState.SUCCEEDED)
                    .count();
            boolean begun = step.state() == StepState.READY
                    || step.state() == StepState.RUNNING
                    || step.state() == StepState.SUCCEEDED;
            if (begun && open > 0 || step.state() == StepState.WAITING && step.depsOpen() != open) {
                problems.add("step " + step.path() + " is " + step.state() + " and needs " + open + " more steps");
            }
        }
        if (run.state().terminal()
                != steps.stream().allMatch(step -> step.state().terminal())) {
            problems.add("the run is " + run.state() + ", its steps are "
                    + steps.stream().map(StepRow::state).toList());
        }
    }

    private void outputs(Handle sql, RunId run, List<StepRow> steps, List<String> problems) {
        Map<String, Outputs> all = AttemptRows.outputs(sql, run);
        for (StepRow step : steps) {
            Outputs made = all.get(step.path());
            if (made == null) {
                continue;
            }
            if (step.state() != StepState.SUCCEEDED) {
                problems.add("step " + step.path() + " is " + step.state() + " and has outputs");
            }
            for (Map.Entry<String, Digest> file : made.files().entrySet()) {
                if (!blobs.has(file.getValue())) {
                    problems.add("file " + file.getKey() + " of step " + step.path() + " is not in the blob store: "
                            + file.getValue());
                }
            }
        }
    }

    private static void history(
            Handle sql, RunRow run, List<StepRow> steps, List<AttemptView> attempts, List<String> problems) {
        Map<String, String> states = new HashMap<>();
        long seq = 0;
        for (RunEvent event : RunRows.events(sql, run.id(), 0, Integer.MAX_VALUE)) {
            seq++;
            String what = event.path() + "#" + event.attempt();
            String before = states.getOrDefault(what, "");
            if (event.seq() != seq) {
                problems.add("event " + seq + " is missing");
            }
            if (!before.equals(event.from())) {
                problems.add("event " + seq + " moves " + what + " from " + event.from() + ", it was " + before);
            }
            states.put(what, event.to());
        }
        Map<String, String> rows = new HashMap<>();
        rows.put("#0", run.state().name());
        steps.forEach(step -> rows.put(step.path() + "#0", step.state().name()));
        attempts.forEach(a -> rows.put(a.path() + "#" + a.no(), a.state().name()));
        if (!rows.equals(states)) {
            problems.add("the history leads to " + states + ", the rows say " + rows);
        }
    }
}
