package dev.perennial.pipelines;

/**
 * One try of a step.
 *
 * @param owner the worker process, or the engine that ran it on a thread
 * @param cpuMillis processor time, as the worker measured it
 * @param rssBytesMax peak memory of the worker during the attempt
 */
public record AttemptView(
        RunId run,
        String path,
        int no,
        AttemptState state,
        FailureClass failure,
        StepExecutor executor,
        String owner,
        long startedAt,
        long endedAt,
        String message,
        long cpuMillis,
        long rssBytesMax) {}
