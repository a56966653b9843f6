package dev.perennial.store;

import dev.perennial.kernel.PerennialException;
import java.util.concurrent.CompletableFuture;

/** Several writes that share one commit, hence one fsync. All of them wait here for its end. */
final class WriteGroup {
    /** How a group ended. */
    sealed interface End {
        /** Durable. */
        record Committed() implements End {}

        /** Rolled back because of the failure of another member: the work may run again. */
        record Lost() implements End {}

        /** The commit itself failed; nothing of the group is there. */
        record Failed(RuntimeException failure) implements End {}
    }

    private final CompletableFuture<End> end = new CompletableFuture<>();
    private int members;

    /** Counts a new member; guarded by the writer's lock. */
    int join() {
        return ++members;
    }

    int members() {
        return members;
    }

    void end(End how) {
        end.complete(how);
    }

    /** Waits for the commit. Returns whether the work is durable; {@code false} asks to run it again. */
    boolean committed() {
        return switch (end.join()) {
            case End.Committed ignored -> true;
            case End.Lost ignored -> false;
            case End.Failed(RuntimeException failure) ->
                // A fresh exception: several threads must not share one.
                throw failure instanceof PerennialException known
                        ? new PerennialException(known.code(), String.valueOf(known.getMessage()), known.field(), known)
                        : new IllegalStateException("the commit failed", failure);
        };
    }
}
