package dev.perennial.store;

import static dev.perennial.store.DatabaseContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import org.jdbi.v3.core.result.UnableToProduceResultException;
import org.junit.jupiter.api.Test;

/** Writes that share a commit, and statements that stay prepared between writes. Each dialect runs all of it. */
abstract class GroupedWritesContract extends DatabaseFixture {
    private static void insertPrepared(Transaction tx, String id, int n) {
        PreparedStatement insert = tx.prepared("insert into item(id, n) values (?, ?)");
        try {
            insert.setString(1, id);
            insert.setInt(2, n);
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new UnableToProduceResultException(e);
        }
    }

    @Test
    void aPreparedStatementServesManyTransactionsAlsoAfterOneThatFailed() {
        database.writing(tx -> {
            insertPrepared(tx, "a", 1);
            insertPrepared(tx, "b", 2);
        });
        assertFails(
                ErrorCode.ALREADY_EXISTS,
                () -> database.writing(tx -> {
                    insertPrepared(tx, "c", 3);
                    insertPrepared(tx, "a", 4);
                }));
        database.writing(tx -> insertPrepared(tx, "d", 5));
        assertThat(ids()).containsExactly("a", "b", "d");
    }

    @Test
    void moreStatementsThanAreKeptReadyWorkToo() {
        for (int round = 0; round < 2; round++) {
            int n = round;
            database.writing(tx -> {
                for (int i = 0; i < 50; i++) {
                    try {
                        PreparedStatement insert =
                                tx.prepared("insert into item(id, n) values ('" + n + "-" + i + "', ?)");
                        insert.setInt(1, i);
                        insert.executeUpdate();
                    } catch (SQLException e) {
                        throw new UnableToProduceResultException(e);
                    }
                }
            });
        }
        assertThat(ids()).hasSize(100);
    }

    @Test
    void aStatementThatCannotBePreparedIsAnInternalError() {
        assertFails(
                ErrorCode.INTERNAL,
                () -> database.writing(tx -> {
                    try {
                        tx.prepared("insert into nowhere values (1)").executeUpdate();
                    } catch (SQLException e) {
                        throw new UnableToProduceResultException(e);
                    }
                }));
    }

    /** Runs a first write, and a second that asks while the first is at work; each may fail. */
    private void oneBehindTheOther(boolean firstFails, boolean secondFails) throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Thread first = Thread.ofPlatform()
                .unstarted(() -> write("first", firstFails, () -> {
                    inside.countDown();
                    await(go);
                }));
        Thread second = Thread.ofPlatform().unstarted(() -> write("second", secondFails, () -> {}));
        first.start();
        inside.await();
        second.start();
        if (database.dialect() == Database.Dialect.SQLITE) {
            while (second.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        go.countDown();
        first.join();
        second.join();
    }

    private void write(String id, boolean fails, Runnable meanwhile) {
        try {
            database.writing(tx -> {
                insert(tx, id, 1);
                meanwhile.run();
                if (fails) {
                    throw new IllegalArgumentException("mine");
                }
            });
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessage("mine");
        }
    }

    @Test
    void aFirstWriteThatFailsWhileAnotherWaitsTakesNothingAway() throws Exception {
        oneBehindTheOther(true, false);
        assertThat(ids()).containsExactly("second");
    }

    @Test
    void aLastWriteThatFailsLeavesThoseThatLeftTheCommitToIt() throws Exception {
        oneBehindTheOther(false, true);
        assertThat(ids()).containsExactly("first");
        store.close();
        reopen();
        assertThat(ids()).containsExactly("first");
    }

    @Test
    void twoWritesThatShareACommitAreBothThere() throws Exception {
        oneBehindTheOther(false, false);
        assertThat(ids()).containsExactly("first", "second");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
