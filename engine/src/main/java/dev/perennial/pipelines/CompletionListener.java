package dev.perennial.pipelines;

/**
 * Is told that a run has ended, after the commit, on a thread of the engine. A death of the server may swallow the call: who depends on
 * it also looks for the run by its key after a restart.
 */
@FunctionalInterface
public interface CompletionListener {
    void ended(RunView run);
}
