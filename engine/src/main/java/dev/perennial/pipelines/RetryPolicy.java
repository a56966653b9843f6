package dev.perennial.pipelines;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import java.util.SplittableRandom;

/**
 * How often and how soon a step is tried again.
 *
 * @param attemptsMax attempts in all, at least 1
 * @param initialMillis bound of the first delay
 * @param factor growth of the bound with each further attempt
 * @param maxMillis largest bound
 */
public record RetryPolicy(int attemptsMax, long initialMillis, double factor, long maxMillis) {
    /** One attempt. */
    public static final RetryPolicy NONE = new RetryPolicy(1, 10_000, 2, 600_000);

    public RetryPolicy {
        if (attemptsMax < 1 || initialMillis < 0 || factor < 1 || maxMillis < 0) {
            throw PerennialException.invalid(
                    "retry", "a retry policy needs at least 1 attempt, delays of 0 or more and a factor of 1 or more");
        }
    }

    /** So many attempts with the usual delays. */
    public static RetryPolicy attempts(int attemptsMax) {
        return new RetryPolicy(attemptsMax, NONE.initialMillis, NONE.factor, NONE.maxMillis);
    }

    /** The wait before the attempt after the n-th failure: anything up to the bound, drawn from the names alone, so that it repeats. */
    long delayMillis(String run, String path, int failures) {
        double bound = Math.min(maxMillis, initialMillis * Math.pow(factor, failures - 1.0));
        if (bound < 1) {
            return 0;
        }
        long seed = Digest.of(run + "/" + path + "/" + failures).seed();
        return new SplittableRandom(seed).nextLong((long) bound + 1);
    }
}
