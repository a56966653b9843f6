package dev.perennial.store;

import dev.perennial.store.ledger.LedgerAppender;
import dev.perennial.store.ledger.LedgerEvent;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The transaction that a work sees; keeps what is to run after the commit. */
final class RunningTransaction implements Transaction {
    private final Handle handle;
    private final LedgerAppender ledger;
    private final ReadyStatements ready;
    private final List<Runnable> afterCommit = new ArrayList<>();
    private int entries;

    RunningTransaction(Handle handle, ReadyStatements ready, LedgerAppender ledger) {
        this.handle = handle;
        this.ready = ready;
        this.ledger = ledger;
    }

    @Override
    public Handle sql() {
        return handle;
    }

    @Override
    public PreparedStatement prepared(String sql) {
        return ready.get(sql);
    }

    @Override
    public String ledger(LedgerEvent event) {
        String hash = ledger.append(handle, event);
        entries++;
        return hash;
    }

    @Override
    public void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    void committed() {
        if (entries > 0) {
            ledger.committed(entries);
        }
        afterCommit.forEach(Runnable::run);
    }
}
