package dev.perennial.scorer.serving;

import dev.perennial.scorer.access.Caller;
import dev.perennial.scoring.RunLimit;
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
    /** Decodes a body for its endpoint; called once, on the thread where the model runs. */
    public interface Reading {
        /** @throws dev.perennial.kernel.PerennialException when the body does not fit the endpoint */
        Payload read(Endpoint endpoint);
    }
}
