package dev.perennial.server.mlflow;

import dev.perennial.governance.Caller;

/** Who asks, as the ledger tells it, and in which project. */
final class Actor {
    private Actor() {}

    static String of(Call.Asked asked) {
        Caller caller = asked.asker().caller();
        return (caller.how() == Caller.How.INTERNAL ? "system:" : "user:") + caller.name();
    }

    static String project(Call.Asked asked) {
        return asked.asker().project();
    }
}
