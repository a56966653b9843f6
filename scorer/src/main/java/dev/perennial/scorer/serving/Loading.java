package dev.perennial.scorer.serving;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.access.Caller;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Passes on to the server that somebody wants versions to be loaded or unloaded: it decides. Never blocks. Thread-safe. */
public interface Loading {
    /**
     * What somebody wants.
     *
     * @param authorization what the caller showed, for the server to look at; null when nothing was needed
     * @param versions numbers or names; of a wish to load those that shall be loaded and no others, of one to unload those that shall
     *     not; empty: all of the endpoint
     */
    record Wish(Caller caller, @Nullable String authorization, String endpoint, List<String> versions, boolean load) {
        public Wish {
            versions = List.copyOf(versions);
        }
    }

    /** Called once, on the thread of whoever asked: null when this scorer has done what was wanted. */
    void pass(Wish wish, Consumer<@Nullable PerennialException> done);
}
