package dev.perennial.pipelines;

import java.util.List;
import java.util.OptionalInt;

/**
 * Starts and finds worker processes. A name belongs to one process for ever: launching a name twice is harmless, and a process is found
 * again by its name after the server was replaced. Thread-safe.
 */
public interface WorkerLauncher {
    /** Starts the worker of a run; returns before it is up. {@code ended} is called, at most once and perhaps never, when it ends. */
    void launch(String name, RunId run, Runnable ended);

    Presence find(String name);

    /** Asks the process and all its children to stop, or ends them by force. No process: nothing happens. */
    void stop(String name, boolean force);

    /** Names of all processes that are alive and were started for this data directory. */
    List<String> alive();

    /** Length of the worker's log, 0 when there is none. */
    long logSize(String name);

    /** At most {@code bytesMax} bytes of the worker's log from an offset. */
    byte[] log(String name, long offset, int bytesMax);

    /** Removes what is left of all but the newest processes that have ended. */
    void prune(int keep);

    /** What is known about a name. */
    sealed interface Presence {
        /** Nothing was ever started under this name. */
        record Absent() implements Presence {}

        /** Started and alive; the process id is 0 in the moment before it is known. */
        record Running(long pid) implements Presence {}

        /** It has ended; the exit code is empty when it died without a word. */
        record Gone(OptionalInt exitCode, String message) implements Presence {}

        /** The launcher cannot tell at the moment. */
        record Unknown(String why) implements Presence {}
    }
}
