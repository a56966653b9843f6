package dev.perennial.scorer.serving;

import dev.perennial.scorer.access.Caller;
import dev.perennial.scoring.RunLimit;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request for a model's answer, whatever protocol it came by.
 *
 * @param caller who asks
 * @param endpoint name of the endpoint
 * @param version number of the version that shall answer; null leaves the choice to the endpoint
 * @param bytes size of the body, which tells small work from large
 * @param since {@link System#nanoTime} when the request was whole
 * @param limit when nobody waits for the answer any more
 * @param reading what the body says
 */
public record Call(
        Caller caller,
        String endpoint,
        @Nullable String version,
        int bytes,
        long since,
        RunLimit limit,
        Reading reading) {
    /** The same within an endpoint's own deadline, when the caller named none. */
    Call within(@Nullable Long millis) {
        if (millis == null || limit.deadlineNanos() != Long.MAX_VALUE) {
            return this;
        }
        long deadline = since + TimeUnit.MILLISECONDS.toNanos(millis);
        return new Call(caller, endpoint, version, bytes, since, new RunLimit(deadline, limit.cancelled()), reading);
    }

    /** Decodes a body for its endpoint; called once, on the thread where the model runs. */
    public interface Reading {
        /** @throws dev.perennial.kernel.PerennialException when the body does not fit the endpoint */
        Payload read(Endpoint endpoint);
    }
}
