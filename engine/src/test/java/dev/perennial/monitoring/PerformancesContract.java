package dev.perennial.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Digest;
import dev.perennial.monitoring.atoms.Performance;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

/** Windows of closed days are computed once, kept, and always what their days say. */
abstract class PerformancesContract extends MonitoringFixture {
    private static final int LENGTH = 14;
    private static final double FLOOR = 0.8;

    /** What the same windows give when nothing was ever kept. */
    private Performance fresh(LocalDate last, int length) {
        List<DayResult> days = book.days(MODEL, last.minusDays(length - 1L), last);
        return Performance.of(
                days.stream().map(DayResult::asServedDay).toList(),
                FLOOR,
                Digest.of("performance " + MODEL.name() + days.getFirst().day()
                                + days.getLast().day())
                        .seed());
    }

    private void expectFresh(List<Performances.Point> points, int length) {
        assertThat(points).allSatisfy(point -> assertThat(point.performance()).isEqualTo(fresh(point.day(), length)));
    }

    private long rowsKept() {
        return store.database()
                .read(sql -> sql.createQuery("select count(*) from performance_window")
                        .mapTo(Long.class)
                        .one());
    }

    @Test
    void aModelWithoutClosedDaysHasNoWindow() {
        assertThat(performances.all(MODEL, LENGTH, FLOOR)).isEmpty();
        assertThat(performances.newest(MODEL, LENGTH, FLOOR)).isEmpty();
    }

    @Test
    void eachClosedDayEndsOneWindowAndTheFirstOnesAreShort() {
        soundDays(17);
        List<Performances.Point> points = performances.all(MODEL, LENGTH, FLOOR);
        assertThat(points).hasSize(17);
        assertThat(points)
                .extracting(point -> point.performance().days())
                .startsWith(1, 2, 3)
                .endsWith(14, 14, 14, 14);
        assertThat(points.getFirst().day()).isEqualTo(FIRST);
        assertThat(points.getFirst().at()).as("end of the day").isEqualTo(start(FIRST.plusDays(1)));
        expectFresh(points, LENGTH);
    }

    @Test
    void theNewestWindowIsTheLastOfAll() {
        soundDays(16);
        assertThat(performances.newest(MODEL, LENGTH, FLOOR))
                .contains(performances.all(MODEL, LENGTH, FLOOR).getLast());
    }

    @Test
    void aKeptWindowIsTheSameAfterARestartAndReadsNoDayAgain() {
        soundDays(15);
        Performance closed = performances.close(MODEL, LENGTH, FLOOR, FIRST.plusDays(14));
        assertThat(rowsKept()).isEqualTo(15);
        restart();
        Bodies counted = new Bodies(store.database());
        DayBook watched = new DayBook(counted, log, labels, references, clock);
        Performances again = new Performances(store.database(), watched);
        List<Performances.Point> points = again.all(MODEL, LENGTH, FLOOR);
        assertThat(points.getLast().performance()).isEqualTo(closed);
        assertThat(points).hasSize(15);
        assertThat(counted.reads).as("bodies of days read").hasValue(0);
    }

    @Test
    void aWindowThatIsNotKeptIsComputedOnceInAProcess() {
        soundDays(9);
        Bodies counted = new Bodies(store.database());
        Performances own = new Performances(store.database(), new DayBook(counted, log, labels, references, clock));
        List<Performances.Point> first = own.all(MODEL, 7, FLOOR);
        int reads = counted.reads.get();
        assertThat(reads).isPositive();
        assertThat(own.all(MODEL, 7, FLOOR)).isEqualTo(first);
        assertThat(counted.reads).hasValue(reads);
        assertThat(rowsKept()).as("a question keeps nothing").isZero();
    }

    @Test
    void lateOutcomesMakeTheWindowsOfTheirDayAnew() {
        soundDays(3);
        LocalDate poor = FIRST.plusDays(3);
        serve(poor, 0, 35.0);
        outcomes(poor, 0, 30);
        book.close(MODEL, ZONE, FIRST, poor);
        Performance before = performances.close(MODEL, LENGTH, FLOOR, poor);
        assertThat(before.withheld()).containsOnlyKeys(poor.toString());

        clock.advance(java.time.Duration.ofHours(1));
        outcomes(poor, 30, 60);
        book.close(MODEL, ZONE, FIRST, poor);

        List<Performances.Point> after = performances.all(MODEL, LENGTH, FLOOR);
        assertThat(after.getLast().performance().withheld()).isEmpty();
        assertThat(after.getLast().performance().days()).isEqualTo(4);
        expectFresh(after, LENGTH);
        assertThat(performances.close(MODEL, LENGTH, FLOOR, poor))
                .isEqualTo(after.getLast().performance());
        restart();
        assertThat(performances.all(MODEL, LENGTH, FLOOR)).isEqualTo(after);
    }

    @Test
    void anotherCoverageFloorIsAnotherFigure() {
        serve(FIRST, 0, 35.0);
        outcomes(FIRST, 0, 45);
        book.close(MODEL, ZONE, FIRST, FIRST);
        performances.close(MODEL, LENGTH, 0.8, FIRST);
        assertThat(newest(0.8).days()).isZero();
        assertThat(newest(0.7).days()).isEqualTo(1);
        assertThat(newest(0.8).days()).isZero();
    }

    private Performance newest(double floor) {
        return performances.newest(MODEL, LENGTH, floor).orElseThrow().performance();
    }

    @Test
    void lengthsDoNotMixUp() {
        soundDays(10);
        performances.close(MODEL, LENGTH, FLOOR, FIRST.plusDays(9));
        assertThat(performances
                        .newest(MODEL, 1, FLOOR)
                        .orElseThrow()
                        .performance()
                        .days())
                .isEqualTo(1);
        assertThat(performances
                        .newest(MODEL, LENGTH, FLOOR)
                        .orElseThrow()
                        .performance()
                        .days())
                .isEqualTo(10);
        expectFresh(performances.all(MODEL, 7, FLOOR), 7);
    }

    @Test
    void closingUpToADayKeepsNothingBeyondIt() {
        soundDays(6);
        performances.close(MODEL, LENGTH, FLOOR, FIRST.plusDays(2));
        assertThat(rowsKept()).isEqualTo(3);
    }

    @Test
    void aDayThatIsNotClosedIsJudgedByThoseThatAre() {
        soundDays(5);
        Performance now = performances.close(MODEL, LENGTH, FLOOR, FIRST.plusDays(7));
        assertThat(now.days()).isEqualTo(5);
        assertThat(Optional.of(now.to())).contains(FIRST.plusDays(4).toString());
    }

    /** Counts how often bodies of days are asked for. */
    private record Bodies(Database database, AtomicInteger reads) implements Database {
        Bodies(Database database) {
            this(database, new AtomicInteger());
        }

        @Override
        public Dialect dialect() {
            return database.dialect();
        }

        @Override
        public <T> T read(Function<Handle, T> work) {
            reads.incrementAndGet();
            return database.read(work);
        }

        @Override
        public <T> T write(Function<Transaction, T> work) {
            return database.write(work);
        }

        @Override
        public void close() {}
    }
}
