package dev.perennial.worker;

/** Ends the worker with an exit code; thrown through the claim loop. */
final class WorkerEnds extends RuntimeException {
    private final ExitCode code;

    WorkerEnds(ExitCode code, String message) {
        super(message);
        this.code = code;
    }

    ExitCode code() {
        return code;
    }
}
