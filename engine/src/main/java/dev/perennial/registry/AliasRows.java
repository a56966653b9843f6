package dev.perennial.registry;

import dev.perennial.store.Transaction;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The rows of aliases, by the ref of their model. */
final class AliasRows {
    private AliasRows() {}

    static void put(Transaction tx, String ref, String alias, int number, long at) {
        tx.sql()
                .createUpdate(
                        "insert into model_alias (model, alias, number, set_at) values (:model, :alias, :number, :at)"
                                + " on conflict (model, alias) do update set number = excluded.number, set_at = excluded.set_at")
                .bind("model", ref)
                .bind("alias", alias)
                .bind("number", number)
                .bind("at", at)
                .execute();
    }

    /** False when there was none. */
    static boolean delete(Transaction tx, String ref, String alias) {
        return tx.sql()
                        .createUpdate("delete from model_alias where model = :model and alias = :alias")
                        .bind("model", ref)
                        .bind("alias", alias)
                        .execute()
                > 0;
    }

    static Optional<Integer> find(Handle sql, String ref, String alias) {
        return sql.createQuery("select number from model_alias where model = :model and alias = :alias")
                .bind("model", ref)
                .bind("alias", alias)
                .mapTo(Integer.class)
                .findOne();
    }
}
