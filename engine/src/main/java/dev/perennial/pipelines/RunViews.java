package dev.perennial.pipelines;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.pipelines.AttemptRows.Outputs;
import dev.perennial.pipelines.RunRows.RunRow;
import dev.perennial.pipelines.RunRows.StepRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Puts rows, outputs and progress together for readers. */
final class RunViews {
    private final Heartbeats heartbeats;

    RunViews(Heartbeats heartbeats) {
        this.heartbeats = heartbeats;
    }

    RunView of(Handle sql, RunRow run) {
        return of(sql, run, AttemptRows.outputs(sql, run.id()));
    }

    /** A run as lists show it: without what its steps made, which can be megabytes. */
    RunView listed(Handle sql, RunRow run) {
        return of(sql, run, Map.of());
    }

    private RunView of(Handle sql, RunRow run, Map<String, Outputs> outputs) {
        List<AttemptView> attempts = AttemptRows.views(sql, run.id());
        List<RunView.Step> steps = RunRows.steps(sql, run.id()).stream()
                .map(step -> step(sql, step, attempts, outputs))
                .toList();
        return new RunView(
                run.id(),
                run.pipeline(),
                new Digest(run.spec()),
                run.subject(),
                run.dedupKey(),
                Json.parse(run.parameters()),
                run.cause(),
                run.state(),
                run.reason(),
                run.detail(),
                run.createdAt(),
                run.endedAt(),
                steps);
    }

    private RunView.Step step(Handle sql, StepRow step, List<AttemptView> attempts, Map<String, Outputs> outputs) {
        Outputs made = outputs.getOrDefault(step.path(), new Outputs(Map.of(), Map.of()));
        List<AttemptView> own = attempts.stream()
                .filter(attempt -> attempt.path().equals(step.path()))
                .toList();
        Optional<AttemptView> last = own.isEmpty() ? Optional.empty() : Optional.of(own.getLast());
        Optional<Heartbeats.Progress> progress = step.active()
                ? AttemptRows.running(sql, step.run(), step.path()).flatMap(attempt -> heartbeats.of(attempt.fence()))
                : Optional.empty();
        double share = step.state() == StepState.SUCCEEDED
                ? 1
                : progress.map(Heartbeats.Progress::share).orElse(0.0);
        String line = progress.map(Heartbeats.Progress::line)
                .orElse(
                        step.state() == StepState.SUCCEEDED
                                ? ""
                                : last.map(AttemptView::message).orElse(""));
        return new RunView.Step(
                step.path(),
                step.kind(),
                step.executor(),
                step.state(),
                last.map(AttemptView::no).orElse(0),
                share,
                line,
                step.startedAt(),
                step.endedAt(),
                own.stream().mapToLong(AttemptView::cpuMillis).sum(),
                made.values(),
                made.files());
    }
}
