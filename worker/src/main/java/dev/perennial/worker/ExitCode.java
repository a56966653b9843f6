package dev.perennial.worker;

/** How a worker process ends. */
enum ExitCode {
    DONE(0),
    /** The server was away for too long; another worker may go on. */
    TEMPORARY(75),
    /** Another attempt counts now. */
    FENCED(76),
    /** The command line or the environment is wrong. */
    CONFIG(78);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
