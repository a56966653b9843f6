package dev.perennial.server.mlflow;

import dev.perennial.registry.ModelName;

/** Who asks, and in which project: nobody signs in yet, so everybody is the same and there is one project. */
final class Actor {
    private static final String UNKNOWN = "user:unknown";

    private Actor() {}

    /** As the ledger names who acts. */
    static String of(Call.Asked asked) {
        return UNKNOWN;
    }

    static String project(Call.Asked asked) {
        return ModelName.DEFAULT_PROJECT;
    }
}
