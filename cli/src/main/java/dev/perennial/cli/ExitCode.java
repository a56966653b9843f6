package dev.perennial.cli;

/** What a command ends with; one table for all commands. */
public final class ExitCode {
    public static final int OK = 0;
    public static final int ERROR = 1;
    /** Differences were found: a plan that would change something, a rebuilt model that is not the same. */
    public static final int DIFFERENT = 2;
    /** What was waited for failed or was cancelled. */
    public static final int FAILED = 3;

    public static final int TIMEOUT = 5;
    public static final int CONFLICT = 6;
    public static final int USAGE = 64;
    public static final int UNAVAILABLE = 69;
    /** Trying again may help and is safe. */
    public static final int TEMPORARY = 75;

    public static final int DENIED = 77;
    /** Stopped by Ctrl-C. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
