package dev.perennial.scorer.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.telemetry.Histogram.Scale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void aPowerOfTwoIsTheUpperEndOfItsBucket() {
        assertThat(Histogram.index(1)).isZero();
        assertThat(Histogram.index(2)).isEqualTo(8);
        assertThat(Histogram.index(0.5)).isEqualTo(-8);
        assertThat(Histogram.index(Math.nextUp(1.0))).isEqualTo(1);
        assertThat(Histogram.index(Math.nextDown(1.0))).isZero();
    }

    @Test
    void everyValueLiesInItsBucket() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 20_000; i++) {
            double value = Math.scalb(random.nextDouble(0.5, 1), random.nextInt(-25, 12));
            int index = Histogram.index(value);
            assertThat(value)
                    .isGreaterThan(Math.pow(2, (index - 1) / 8.0) * (1 - 1e-12))
                    .isLessThanOrEqualTo(Math.pow(2, index / 8.0) * (1 + 1e-12));
        }
    }

    @Test
    void whatIsTooSmallCountsAsZeroAndWhatIsTooLargeInTheLastBucket() {
        Histogram histogram = new Histogram(Scale.SECONDS);
        histogram.record(0);
        histogram.record(-7);
        histogram.record(TimeUnit.DAYS.toNanos(3));
        Histogram.Snapshot now = histogram.snapshot();
        assertThat(now.zeros()).isEqualTo(2);
        assertThat(now.exponential()[now.exponential().length - 1]).isOne();
        assertThat(now.count()).isEqualTo(3);
    }

    @Test
    void theFirstBucketBeginsWhereZeroEnds() {
        Histogram histogram = new Histogram(Scale.COUNTS);
        histogram.record(1);
        Histogram.Snapshot now = histogram.snapshot();
        int at = IntStream.range(0, now.exponential().length)
                .filter(i -> now.exponential()[i] == 1)
                .findFirst()
                .orElseThrow();
        assertThat(now.offset() + at).isEqualTo(Histogram.index(1));
        assertThat(Math.pow(2, (now.offset() - 1) / 8.0)).isEqualTo(now.zeroUpTo());
    }

    @Test
    void bothKindsOfBucketsHoldEveryValueWhateverThreadsCount() throws InterruptedException {
        Histogram histogram = new Histogram(Scale.COUNTS);
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform()
                    .start(() -> LongStream.rangeClosed(1, 10_000).forEach(histogram::record));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Histogram.Snapshot now = histogram.snapshot();
        assertThat(now.count()).isEqualTo(40_000);
        assertThat(now.zeros() + LongStream.of(now.exponential()).sum()).isEqualTo(40_000);
        assertThat(now.sum()).isEqualTo(4.0 * 10_000 * 10_001 / 2);
        assertThat(now.below()[3]).as("up to 8").isEqualTo(32);
    }
}
