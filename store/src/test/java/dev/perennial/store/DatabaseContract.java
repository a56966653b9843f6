package dev.perennial.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.ledgerverifier.LedgerVerifier;
import dev.perennial.ledgerverifier.Report;
import dev.perennial.store.ledger.LedgerEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** What every dialect must do. Each runs all of it. */
abstract class DatabaseContract extends DatabaseFixture {
    private static final int WAIT_SECONDS = 60;

    @Test
    void aWrittenRowIsReadAndSurvivesReopening() {
        String result = database.write(tx -> {
            insert(tx, "a", 1);
            return "done";
        });
        assertThat(result).isEqualTo("done");
        assertThat(ids()).containsExactly("a");
        store.close();
        reopen();
        assertThat(ids()).containsExactly("a");
    }

    @Test
    void aFailedWriteChangesNothingAndItsErrorIsTheCallersOwn() {
        IllegalArgumentException mine = new IllegalArgumentException("mine");
        assertThatThrownBy(() -> database.writing(tx -> {
                    insert(tx, "a", 1);
                    throw mine;
                }))
                .isSameAs(mine);
        assertThat(ids()).isEmpty();
        database.writing(tx -> insert(tx, "a", 2));
        assertThat(ids()).containsExactly("a");
    }

    @Test
    void aSecondRowOfTheSameKeyIsAlreadyThere() {
        database.writing(tx -> insert(tx, "a", 1));
        assertFails(ErrorCode.ALREADY_EXISTS, () -> database.writing(tx -> insert(tx, "a", 2)));
    }

    @Test
    void aRunawayQuestionIsEndedWithAReasonAndTheConnectionServesOn() {
        Duration limit = Duration.ofSeconds(1);
        String endless = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c";

        assertThatThrownBy(() -> database.readWithin(
                        limit, sql -> sql.createQuery(endless).mapTo(Long.class).one()))
                .isInstanceOf(PerennialException.class)
                .hasMessage(
                        "the search took longer than 1 s and was ended; ask for less, for example fewer experiments,"
                                + " an equality on a param or tag, or another order")
                .extracting("code", "field")
                .containsExactly(ErrorCode.INVALID_ARGUMENT, "filter");
        for (int i = 0; i < 20; i++) {
            assertThat(ids()).isEmpty();
        }
    }

    @Test
    void aQuestionWithinItsLimitIsAnsweredAndItsOtherErrorsStay() {
        Duration limit = Duration.ofSeconds(30);
        database.writing(tx -> insert(tx, "a", 1));

        assertThat(database.<Integer>readWithin(
                        limit,
                        sql -> sql.createQuery("select n from item")
                                .mapTo(Integer.class)
                                .one()))
                .isEqualTo(1);
        assertFails(
                ErrorCode.INTERNAL,
                () -> database.readWithin(
                        limit,
                        sql -> sql.createQuery("select n from nowhere")
                                .mapTo(Integer.class)
                                .one()));
    }

    @Test
    void aBrokenStatementIsAnInternalError() {
        assertFails(
                ErrorCode.INTERNAL, () -> database.writing(tx -> tx.sql().execute("insert into nowhere values (1)")));
        assertFails(
                ErrorCode.INTERNAL,
                () -> database.writing(
                        tx -> tx.sql().execute("insert into item(id, n) values (?, ?)", "a", "not a number")));
    }

    @Test
    void aReaderCannotWrite() {
        assertFails(
                ErrorCode.INTERNAL, () -> database.read(sql -> sql.execute("insert into item(id, n) values ('a', 1)")));
        assertThat(ids()).isEmpty();
    }

    @Test
    void aReaderSeesOneMomentWhileOthersWrite() throws Exception {
        try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Integer> counts = database.read(sql -> {
                List<Integer> seen = new ArrayList<>();
                seen.add(sql.createQuery("select count(*) from item")
                        .mapTo(Integer.class)
                        .one());
                await(other.submit(() -> database.writing(tx -> insert(tx, "a", 1))));
                seen.add(sql.createQuery("select count(*) from item")
                        .mapTo(Integer.class)
                        .one());
                return seen;
            });
            assertThat(counts).containsExactly(0, 0);
        }
        assertThat(ids()).containsExactly("a");
    }

    @Test
    void whatFollowsTheCommitRunsOnceAndOnlyAfterSuccess() {
        ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
        database.writing(tx -> {
            insert(tx, "a", 1);
            tx.afterCommit(() -> told.add("seen " + ids()));
        });
        assertThatThrownBy(() -> database.writing(tx -> {
                    tx.afterCommit(() -> told.add("never"));
                    insert(tx, "a", 1);
                }))
                .isInstanceOf(PerennialException.class);
        assertThat(told).containsExactly("seen [a]");
    }

    @Test
    void aWriteInsideAWriteIsRefused() {
        assertThatThrownBy(() -> database.writing(tx -> database.writing(inner -> insert(inner, "a", 1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inside");
        database.writing(tx -> insert(tx, "b", 1));
        assertThat(ids()).containsExactly("b");
    }

    @Test
    void manyWritersOfOneRowLoseNoUpdate() throws Exception {
        database.writing(tx -> insert(tx, "counter", 0));
        inParallel(16, thread -> {
            for (int i = 0; i < 10; i++) {
                database.writing(tx -> {
                    int n = tx.sql()
                            .createQuery("select n from item where id = 'counter'")
                            .mapTo(Integer.class)
                            .one();
                    tx.sql().execute("update item set n = ? where id = 'counter'", n + 1);
                });
            }
        });
        assertThat(database.<Integer>read(sql -> sql.createQuery("select n from item")
                        .mapTo(Integer.class)
                        .one()))
                .isEqualTo(160);
    }

    @Test
    void aFailureAmongManyWritersUndoesOnlyItself() throws Exception {
        inParallel(16, thread -> {
            for (int i = 0; i < 10; i++) {
                String id = thread + "-" + i;
                boolean bad = (thread + i) % 3 == 0;
                AtomicBoolean thrown = new AtomicBoolean();
                try {
                    database.writing(tx -> {
                        insert(tx, id, 1);
                        if (bad) {
                            insert(tx, id, 2);
                        }
                    });
                } catch (PerennialException e) {
                    assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS);
                    thrown.set(true);
                }
                assertThat(thrown.get()).isEqualTo(bad);
                assertThat(ids().contains(id)).isEqualTo(!bad);
            }
        });
    }

    @Test
    void nanAndInfinitiesSurvive() {
        double[] values = {
            1.5, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE, Double.MAX_VALUE, 0.1
        };
        database.writing(tx -> {
            for (int i = 0; i < values.length; i++) {
                Reals.bind(
                                tx.sql().createUpdate("insert into measure(id, x, x_nan) values (:id, :x, :x_nan)"),
                                "x",
                                values[i])
                        .bind("id", "m" + i)
                        .execute();
            }
        });
        List<Double> read = database.read(sql -> sql.createQuery("select x, x_nan from measure order by id")
                .map((row, context) -> Reals.get(row, "x"))
                .list());
        assertThat(read).containsExactly(Arrays.stream(values).boxed().toArray(Double[]::new));
    }

    @Test
    void upsertsAndCompareAndSetReturnTheirRow() {
        String upsert =
                "insert into item(id, n) values (?, ?) on conflict(id) do update set n = excluded.n returning n";
        database.writing(tx -> {
            insert(tx, "other", 9);
            assertThat(tx.sql()
                            .createQuery(upsert)
                            .bind(0, "a")
                            .bind(1, 1)
                            .mapTo(Integer.class)
                            .one())
                    .isEqualTo(1);
            assertThat(tx.sql()
                            .createQuery(upsert)
                            .bind(0, "a")
                            .bind(1, 2)
                            .mapTo(Integer.class)
                            .one())
                    .isEqualTo(2);
            assertThat(tx.sql()
                            .createQuery("update item set n = 3 where id = 'a' and n = 1 returning n")
                            .mapTo(Integer.class)
                            .list())
                    .isEmpty();
        });
    }

    @Test
    void aNewerDatabaseIsRefusedNamingBothVersions() {
        database.writing(
                tx -> tx.sql()
                        .execute(
                                "insert into flyway_schema_history(installed_rank, version, description, type, script,"
                                        + " checksum, installed_by, execution_time, success) select 9999, '9000', 'from the future', 'SQL',"
                                        + " 'V9000__future.sql', 1, installed_by, 1, success from flyway_schema_history where version = '01'"));
        store.close();
        assertThatThrownBy(this::reopen)
                .asInstanceOf(InstanceOfAssertFactories.type(PerennialException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_STATE))
                .satisfies(e -> assertThat(e).hasMessageContaining("9000").hasMessageContaining("knows version"));
        settings = settings(folder.resolve("other"));
        reopen();
    }

    @Test
    void tablesOfAScriptThatWasChangedAreRefusedNamingTheScript() {
        database.writing(tx ->
                tx.sql().execute("update flyway_schema_history set checksum = checksum + 1 where version = '01'"));
        store.close();
        assertThatThrownBy(this::reopen)
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("cannot be brought to the version of this program")
                .hasMessageContainingAll("checksum mismatch", "version 01");
    }

    @Test
    void entriesOfManyWritersAreNumberedWithoutGaps() throws Exception {
        inParallel(32, thread -> {
            for (int i = 0; i < 4; i++) {
                int n = i;
                database.writing(tx -> {
                    insert(tx, thread + "-" + n, 1);
                    tx.ledger(event("model:m" + thread % 8, "model:m/" + thread + "-" + n));
                });
            }
        });
        List<String> broken = database.read(sql -> sql.createQuery(
                        "select e.stream from ledger_entry e left join ledger_entry p"
                                + " on p.stream = e.stream and p.seq = e.seq - 1"
                                + " where e.prev_hash <> coalesce(p.entry_hash, :none) or (p.seq is null and e.seq <> 1)")
                .bind("none", "0".repeat(64))
                .mapTo(String.class)
                .list());
        assertThat(broken).isEmpty();
        assertThat(database.<List<Integer>>read(sql -> sql.createQuery("select seq from ledger_stream order by stream")
                        .mapTo(Integer.class)
                        .list()))
                .hasSize(8)
                .containsOnly(16);
    }

    @Test
    void theLedgerIsSealedWhileOthersWriteAndItsExportIsGood() throws Exception {
        inParallel(8, thread -> {
            for (int i = 0; i < 3; i++) {
                int n = i;
                database.writing(tx -> tx.ledger(event("model:m" + thread % 4, "model:m/" + thread + "-" + n)));
                store.ledger().seal();
            }
        });
        store.ledger().exportTo(folder.resolve("export"));
        Report report = LedgerVerifier.verify(
                folder.resolve("export"), Optional.of(store.directory().ledgerPublicKey()));
        assertThat(report.status()).as(report.text()).isEqualTo(Report.Status.GOOD);
        assertThat(report.sealed()).isEqualTo(24);
    }

    @Test
    void anUnknownActionIsRefusedAndUndoesTheChange() {
        LedgerEvent unknown = new LedgerEvent("system", "user:ann", "model.explode", "model:m", 0, Json.object());
        assertFails(
                ErrorCode.INVALID_ARGUMENT,
                () -> database.writing(tx -> {
                    insert(tx, "a", 1);
                    tx.ledger(unknown);
                }));
        assertThat(ids()).isEmpty();
    }

    private static LedgerEvent event(String stream, String object) {
        return new LedgerEvent(
                stream, "user:ann", "alias.set", object, 0, Json.object().put("to", 3));
    }

    /** One numbered piece of work of a test. */
    @FunctionalInterface
    interface Numbered {
        void run(int thread);
    }

    private static void inParallel(int threads, Numbered work) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                futures.add(executor.submit(() -> {
                    start.await();
                    work.run(thread);
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> future : futures) {
                future.get(WAIT_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    private static void await(Future<?> future) {
        try {
            future.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static void assertFails(ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(InstanceOfAssertFactories.type(PerennialException.class))
                .extracting(PerennialException::code)
                .isEqualTo(code);
    }
}
