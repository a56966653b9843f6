package dev.perennial.serving;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Whose the names of scorers are: of the program that was heard last, until it has been silent for a while. Thread-safe. */
final class ScorerInstances {
    private final InstantSource clock;

    ScorerInstances(InstantSource clock) {
        this.clock = clock;
    }

    private record Holder(
            @Nullable String folder,
            long generation,
            long seenAt,
            @Nullable String host) {}

    /**
     * Whether what a program says under this name is to be noted: not when it is a run that a later one has taken the place of.
     *
     * @param said null from a program that does not say which it is; that one is believed
     * @throws PerennialException when another scorer has the name and was heard a moment ago
     */
    boolean claim(Transaction tx, String id, @Nullable ScorerInstance said) {
        Holder holder = holder(tx, id);
        if (said == null || holder == null || holder.folder() == null) {
            return true;
        }
        if (holder.folder().equals(said.folder())) {
            return said.generation() >= holder.generation();
        }
        long silent = clock.millis() - holder.seenAt();
        if (silent < ScorerFleet.SILENT_AFTER.toMillis()) {
            throw PerennialException.invalid(
                    "name",
                    "another scorer named '" + id + "' runs"
                            + (holder.host() == null ? "" : " on " + holder.host()) + " and was heard " + silent
                            + " ms ago: give this one another --name, or end that one; its name is free "
                            + ScorerFleet.SILENT_AFTER.toSeconds() + " s later");
        }
        return true;
    }

    /** From now on the name is this program's. */
    void note(Transaction tx, String id, @Nullable ScorerInstance said) {
        tx.sql()
                .createUpdate("update scorer set instance = :instance, generation = :generation where id = :id")
                .bind("id", id)
                .bind("instance", said == null ? null : said.folder())
                .bind("generation", said == null ? 0 : said.generation())
                .execute();
    }

    private static @Nullable Holder holder(Transaction tx, String id) {
        return tx.sql()
                .createQuery("select instance, generation, seen_at, host from scorer where id = :id")
                .bind("id", id)
                .map((row, context) -> new Holder(
                        row.getString("instance"),
                        row.getLong("generation"),
                        row.getLong("seen_at"),
                        row.getString("host")))
                .findOne()
                .orElse(null);
    }
}
