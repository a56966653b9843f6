package dev.perennial.scorer.access;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, and what they may.
 *
 * @param name as the server's ledger tells it
 * @param token id of the token that was shown; null when none was needed
 * @param grants the greatest right by endpoint; {@link #ALL} stands for every endpoint
 * @param until epoch millis from which on the token is worth nothing
 */
public record Caller(String name, @Nullable String token, Map<String, Right> grants, long until) {
    /** Every endpoint. */
    public static final String ALL = "*";

    /** Whoever asks a scorer whose server asks nobody to sign in. */
    public static final Caller ANYBODY = new Caller("anybody", null, Map.of(ALL, Right.MANAGE), Long.MAX_VALUE);

    /** The installation's own processes. */
    public static final Caller INSTALLATION =
            new Caller("installation", null, Map.of(ALL, Right.MANAGE), Long.MAX_VALUE);

    /** Who has shown nothing where nothing had to be shown. */
    public static final Caller NOBODY = new Caller("nobody", null, Map.of(), Long.MAX_VALUE);

    public Caller {
        grants = Map.copyOf(grants);
    }

    /** The greatest right; null when the caller may not even know of the endpoint. */
    public @Nullable Right right(String endpoint) {
        Right all = grants.get(ALL);
        Right one = grants.get(endpoint);
        return one == null || (all != null && all.compareTo(one) > 0) ? all : one;
    }

    public boolean may(Right right, String endpoint) {
        Right has = right(endpoint);
        return has != null && has.compareTo(right) >= 0;
    }

    /** @throws PerennialException when the caller may see the endpoint and may not do this */
    public void need(Right right, String endpoint, String what) {
        if (!may(right, endpoint)) {
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED,
                    "'" + name + "' may not " + what + " at endpoint '" + endpoint + "': it needs the right " + right
                            + ", and there is " + right(endpoint));
        }
    }
}
