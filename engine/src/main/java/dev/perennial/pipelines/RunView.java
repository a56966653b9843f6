package dev.perennial.pipelines;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import java.util.List;
import java.util.Map;

/**
 * A run as it stands.
 *
 * @param spec digest of the pinned specification
 * @param subject the model it works for
 * @param reason why it ended as it did: {@code STEP_FAILED}, {@code CANCELLED_BY_USER}, or empty
 * @param detail the reason in words
 * @param endedAt 0 while it runs
 */
public record RunView(
        RunId run,
        String pipeline,
        Digest spec,
        String subject,
        String dedupKey,
        JsonNode parameters,
        String cause,
        RunState state,
        String reason,
        String detail,
        long startedAt,
        long endedAt,
        List<Step> steps) {
    public RunView {
        steps = List.copyOf(steps);
    }

    /** Why it did not succeed, in words: the first step that failed and what it said; otherwise what is known of the run. */
    public String failure() {
        return steps.stream()
                .filter(step -> step.state() == StepState.FAILED && !step.line().isEmpty())
                .findFirst()
                .map(step -> step.path() + ": " + step.line())
                .orElse(detail.isEmpty() ? reason : detail);
    }

    /** The step of that path. */
    public Step step(String path) {
        return steps.stream()
                .filter(s -> s.path().equals(path))
                .findFirst()
                .orElseThrow(() -> PerennialException.notFound("run " + run + " has no step '" + path + "'"));
    }

    /**
     * A step as it stands.
     *
     * @param attempt number of the last attempt, 0 before the first
     * @param share how much of it is done, 0 to 1
     * @param line what it is doing, or why it failed
     * @param cpuMillis processor time of all its attempts, as their workers measured it
     * @param values what it made
     * @param files digests of the files it made
     */
    public record Step(
            String path,
            String kind,
            StepExecutor executor,
            StepState state,
            int attempt,
            double share,
            String line,
            long startedAt,
            long endedAt,
            long cpuMillis,
            Map<String, JsonNode> values,
            Map<String, Digest> files) {}
}
