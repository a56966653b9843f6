package dev.perennial.store;

import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.store.ledger.LedgerEvent;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;

/**
 * A process that is made to be killed: three threads each write increasing numbers, a row and a ledger entry in one transaction, and
 * print each number once the write has returned.
 */
public final class KilledWriter {
    static final int THREADS = 3;

    private KilledWriter() {}

    public static void main(String[] arguments) throws InterruptedException {
        SecureRandom random = new SecureRandom();
        InstantSource clock = InstantSource.system();
        Store store = Store.open(StoreSettings.local(Path.of(arguments[0])), clock, new Ids(clock, random), random);
        store.database()
                .writing(
                        tx -> tx.sql()
                                .execute(
                                        "create table if not exists written (thread integer, n integer, primary key (thread, n)) strict"));
        Thread[] threads = new Thread[THREADS];
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            threads[i] = Thread.ofPlatform().start(() -> writeOn(store.database(), thread));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void writeOn(Database database, int thread) {
        int n = database.read(sql -> sql.createQuery("select coalesce(max(n), 0) from written where thread = :thread")
                .bind("thread", thread)
                .mapTo(Integer.class)
                .one());
        while (true) {
            int next = ++n;
            database.writing(tx -> {
                tx.sql().execute("insert into written values (?, ?)", thread, next);
                tx.ledger(new LedgerEvent(
                        "model:m" + thread,
                        "system:loop",
                        "alias.set",
                        "model:m/" + next,
                        next,
                        Json.object().put("n", next)));
            });
            System.out.println(thread + " " + next);
        }
    }
}
