package dev.perennial.tracking;

import dev.perennial.store.Transaction;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Remembers what came from which other server, so that an import goes on where it ended and never touches what is from here. */
public final class ImportMarks {
    private ImportMarks() {}

    /** Kinds of things that come; the words stand in the database. */
    public enum Kind {
        EXPERIMENT("experiment"),
        RUN("run"),
        LOGGED_MODEL("logged_model"),
        REGISTERED_MODEL("registered_model"),
        MODEL_VERSION("model_version");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /** Whether a thing that came from the source is complete; empty when it did not come from there. */
    public static Optional<Boolean> state(Handle sql, String source, Kind kind, String id) {
        return sql.createQuery("select complete from imported where source = :source and kind = :kind and id = :id")
                .bind("source", source)
                .bind("kind", kind.text)
                .bind("id", id)
                .map((row, context) -> row.getLong("complete") == 1)
                .findOne();
    }

    /** Remembers a thing, or that it is complete now. */
    public static void mark(Transaction tx, String source, Kind kind, String id, boolean complete) {
        tx.sql()
                .createUpdate(
                        "insert into imported (source, kind, id, complete) values (:source, :kind, :id, :complete)"
                                + " on conflict (source, kind, id) do update set complete = excluded.complete")
                .bind("source", source)
                .bind("kind", kind.text)
                .bind("id", id)
                .bind("complete", complete ? 1 : 0)
                .execute();
    }

    /** Opens the logged models that have values of a run which is made anew, so that these values come again. */
    static void reopenModelsOf(Transaction tx, long run) {
        tx.sql()
                .createUpdate("update imported set complete = 0 where kind = :kind and id in"
                        + " (select model_id from run_metric_origin where run = :run)")
                .bind("kind", Kind.LOGGED_MODEL.text)
                .bind("run", run)
                .execute();
    }
}
