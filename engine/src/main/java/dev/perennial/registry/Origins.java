package dev.perennial.registry;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the registry has to know of runs and logged models: where their files are. Thread-safe. */
public interface Origins {
    /** The address of a run's artifacts; empty when there is no such run. */
    Optional<String> artifactsOfRun(String run);

    /** A logged model; empty when there is none of that id. */
    Optional<Logged> loggedModel(String id);

    /**
     * Keeps the files at an address as they are now; a file that is damaged is an error that names it.
     *
     * @return digest of the list of files; empty when there are none, or when this server cannot read them
     */
    Optional<String> freeze(String artifacts);

    /**
     * Checks that every file that was kept is there with its bytes; one that is missing or changed is an error that names it.
     *
     * @param manifest digest of the list of files
     */
    void requireWhole(String manifest);

    /**
     * A model that was logged.
     *
     * @param artifacts address of its files
     * @param run that made it; null when it was made outside of runs
     */
    record Logged(String artifacts, @Nullable String run) {}
}
