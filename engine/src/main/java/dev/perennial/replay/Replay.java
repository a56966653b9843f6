package dev.perennial.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ModelId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A replay and where it stands.
 *
 * @param model the model inside the replay's scope
 * @param clock the driver's clock
 * @param error why it failed, null unless it did
 * @param result the table by month of a policy that was computed offline, null unless it is done
 */
public record Replay(
        ModelId model,
        State state,
        Plan plan,
        long clock,
        @Nullable String error,
        @Nullable JsonNode result) {

    /** Where a replay stands. */
    public enum State {
        RUNNING,
        /** Waits at one of its stops until a person lets it go on. */
        HELD,
        DONE,
        FAILED,
        CANCELLED
    }

    /**
     * What is played.
     *
     * @param text the lifecycle file
     * @param path of the lifecycle file, against which relative paths are read
     * @param from first clock, milliseconds
     * @param to last clock
     * @param loop false: the first version serves to the end, nothing is retrained
     * @param stops clocks at which the replay waits for a person
     * @param outages rows of a source that never arrive
     * @param policy as {@link ReplayPolicy#text()} writes it
     */
    public record Plan(
            String text,
            String path,
            long from,
            long to,
            boolean loop,
            List<Long> stops,
            List<Outage> outages,
            String policy) {
        public Plan {
            policy = policy == null ? (loop ? "file" : "never") : policy;
            stops = List.copyOf(stops);
            outages = List.copyOf(outages);
        }
    }

    /** Rows of {@code source} whose {@code column} lies in {@code [from, to)} never arrive. */
    public record Outage(String source, String column, long from, long to) {}

    public String name() {
        return model.scope();
    }
}
