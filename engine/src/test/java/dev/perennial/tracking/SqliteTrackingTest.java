package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SqliteTrackingTest extends TrackingContract {
    private static final long SMALL_BYTES = 1_500_000;

    @Override
    StoreSettings storage(Path folder) {
        return StoreSettings.local(folder.resolve("data"));
    }

    @Test
    void aFullDiskRefusesABatchAndKeepsNothingOfIt() {
        TestClock clock = TestClock.fixed();
        StoreSettings small = StoreSettings.local(folder.resolve("small")).limitedTo(SMALL_BYTES);
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

    private static Batch batch(int step) {
        return new Batch(
                IntStream.range(0, 1000)
                        .mapToObj(i -> new Metric("m" + i, i, step, step))
                        .toList(),
                List.of(),
                List.of());
    }
}
