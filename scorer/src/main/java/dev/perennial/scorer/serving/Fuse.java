package dev.perennial.scorer.serving;

import dev.perennial.scorer.config.ScorerConfig.FuseConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Watches the calls of one candidate and takes it out at once when it fails too often: so many errors in a row, half of at least twenty
 * calls, or more than the allowed share of at least a hundred. Once blown it stays blown. Thread-safe.
 */
final class Fuse {
    private static final int HALF_CALLS_MIN = 20;
    private static final int EXAMPLES_MAX = 5;
    private static final int EXAMPLE_CHARS_MAX = 300;

    private final String endpoint;
    private final String version;
    private final @Nullable String rollout;
    private final FuseConfig limits;
    private final List<FuseReport.Example> examples = new ArrayList<>();
    private long calls;
    private long errors;
    private int inRow;
    private volatile boolean blown;

    Fuse(String endpoint, String version, @Nullable String rollout, FuseConfig limits, boolean blown) {
        this.endpoint = endpoint;
        this.version = version;
        this.rollout = rollout;
        this.limits = limits;
        this.blown = blown;
    }

    boolean blown() {
        return blown;
    }

    synchronized void success() {
        calls++;
        inRow = 0;
    }

    /** Counts a failed call; the report when this one blew the fuse. */
    synchronized Optional<FuseReport> failure(String id, String error) {
        calls++;
        errors++;
        inRow++;
        if (examples.size() < EXAMPLES_MAX) {
            examples.add(new FuseReport.Example(id, error.substring(0, Math.min(error.length(), EXAMPLE_CHARS_MAX))));
        }
        if (blown) {
            return Optional.empty();
        }
        Optional<String> reason = reason();
        if (reason.isEmpty()) {
            return Optional.empty();
        }
        blown = true;
        return reason.map(this::report);
    }

    /** Takes the candidate out for a reason that is no failed call. */
    synchronized FuseReport blow(String reason) {
        blown = true;
        return report(reason);
    }

    private FuseReport report(String reason) {
        return new FuseReport(endpoint, version, rollout == null ? "" : rollout, reason, errors, calls, examples);
    }

    private Optional<String> reason() {
        if (inRow >= limits.consecutive()) {
            return Optional.of(inRow + " errors in a row");
        }
        if (calls >= HALF_CALLS_MIN && errors * 2 >= calls) {
            return Optional.of("at least half of the calls failed: " + errors + " of " + calls);
        }
        if (calls >= limits.rowsOrDefault() && errors > limits.shareOrDefault() * calls) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "%d of %d calls failed, more than the allowed share of %.4f",
                    errors,
                    calls,
                    limits.shareOrDefault()));
        }
        return Optional.empty();
    }
}
