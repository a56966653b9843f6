package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import dev.perennial.tracking.search.SearchRequest;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;

class SqliteTrackingTest extends TrackingContract {
    private static final long SMALL_BYTES = 1_500_000;

    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }

    @Test
    void aFullDiskRefusesABatchAndKeepsNothingOfIt() {
        TestClock clock = TestClock.fixed();
        StoreSettings small = FreshSqlite.under(folder.resolve("small")).limitedTo(SMALL_BYTES);
        try (Store full = Store.open(small, clock, SeededIds.of(2, clock), new SecureRandom())) {
            TrackingRuns tracking = new TrackingRuns(full.database(), full.blobs(), clock, SeededIds.of(3, clock));
            String run =
                    tracking.create(newRun(Experiment.DEFAULT, "full")).info().id();
            PerennialException failure = null;
            int batches = 0;
            while (failure == null && batches < 1000) {
                Batch batch = batch(batches);
                failure = catchThrowableOfType(PerennialException.class, () -> tracking.log(run, batch));
                batches++;
            }
            assertThat(failure).isNotNull();
            assertThat(failure.code()).isEqualTo(ErrorCode.STORAGE_FULL);
            assertThat(batches).isGreaterThan(1);
            List<Metric> kept =
                    tracking.history(run, "m0", new HistoryPage(10_000, null)).items();
            List<Metric> last =
                    tracking.history(run, "m999", new HistoryPage(10_000, null)).items();
            assertThat(last).hasSize(kept.size()).hasSize(batches - 1);
        }
    }

    @Test
    void onAFullDiskSearchesStillFindTheNewestStepOrSayWhatIsFull() {
        TestClock clock = TestClock.fixed();
        StoreSettings small = FreshSqlite.under(folder.resolve("small")).limitedTo(SMALL_BYTES);
        try (Store full = Store.open(small, clock, SeededIds.of(2, clock), new SecureRandom())) {
            TrackingRuns tracking = new TrackingRuns(full.database(), full.blobs(), clock, SeededIds.of(3, clock));
            String run =
                    tracking.create(newRun(Experiment.DEFAULT, "full")).info().id();
            int logged = 0;
            while (catchThrowableOfType(PerennialException.class, new Log(tracking, run, logged)) == null) {
                logged++;
            }
            long newest = logged - 1;
            assertThat(tracking.get(run).metrics()).hasSize(1000).allMatch(metric -> metric.step() == newest);
            SearchRequest byValue = new SearchRequest("metrics.m7 = 7", List.of(), View.ACTIVE_ONLY, 10, null);
            PerennialException refused = catchThrowableOfType(
                    PerennialException.class,
                    () -> assertThat(tracking.search(byValue, List.of(Experiment.DEFAULT))
                                    .items())
                            .hasSize(1));
            if (refused != null) {
                assertThat(refused.code()).isEqualTo(ErrorCode.STORAGE_FULL);
            }
            SearchRequest byName = new SearchRequest("run_name = 'full'", List.of(), View.ACTIVE_ONLY, 10, null);
            assertThat(tracking.search(byName, List.of(Experiment.DEFAULT)).items())
                    .hasSize(1);
        }
    }

    /** Logs a batch. */
    private record Log(TrackingRuns tracking, String run, int step) implements ThrowableAssert.ThrowingCallable {
        @Override
        public void call() {
            tracking.log(run, batch(step));
        }
    }

    private static Batch batch(int step) {
        return new Batch(
                IntStream.range(0, 1000)
                        .mapToObj(i -> new Metric("m" + i, i, step, step))
                        .toList(),
                List.of(),
                List.of());
    }
}
