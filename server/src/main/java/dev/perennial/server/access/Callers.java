package dev.perennial.server.access;

import dev.perennial.governance.Caller;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** The caller that the gate found, where handlers look for it. */
public final class Callers {
    /** Who acts, as the rest of the program reads it; the gate writes the authenticated name into it. */
    public static final String ACTOR = "X-Perennial-Actor";

    /** The project of a request, in MLflow's words. */
    public static final String PROJECT = "X-MLFLOW-WORKSPACE";

    private static final String KEY = "perennial.caller";
    private static final String SESSION = "perennial.session";

    private Callers() {}

    static void put(RoutingContext context, Caller caller) {
        context.put(KEY, caller);
    }

    static void putSession(RoutingContext context, String secret) {
        context.put(SESSION, secret);
    }

    static @Nullable String session(RoutingContext context) {
        return context.get(SESSION);
    }

    static boolean known(RoutingContext context) {
        return context.get(KEY) != null;
    }

    /** Fails for a request that did not pass the gate. */
    public static Caller of(RoutingContext context) {
        Caller caller = context.get(KEY);
        if (caller == null) {
            throw new PerennialException(ErrorCode.UNAUTHENTICATED, "You are not authenticated");
        }
        return caller;
    }
}
