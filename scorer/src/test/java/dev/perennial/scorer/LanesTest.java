package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LanesTest {
    private static final long DRAIN_MILLIS = 30_000;

    private final List<String> done = new CopyOnWriteArrayList<>();

    private static CountDownLatch blocked(Lanes lanes) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        lanes.barrier("e", () -> {
            begun.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        begun.await();
        return release;
    }

    @Test
    void everythingIsDoneInItsOrder() throws InterruptedException {
        try (Lanes lanes = new Lanes(10)) {
            assertThat(lanes.offer("e", 1, () -> done.add("a"))).isTrue();
            lanes.barrier("e", () -> done.add("barrier"));
            assertThat(lanes.offer("e", 1, () -> done.add("b"))).isTrue();
            lanes.drain(DRAIN_MILLIS);
        }
        assertThat(done).containsExactly("a", "barrier", "b");
    }

    @Test
    void rowsBeyondTheBoundAreDroppedAndTheBoundItselfIsTaken() throws InterruptedException {
        try (Lanes lanes = new Lanes(10)) {
            CountDownLatch release = blocked(lanes);
            assertThat(lanes.offer("e", 7, () -> done.add("7"))).isTrue();
            assertThat(lanes.offer("e", 4, () -> done.add("4"))).isFalse();
            assertThat(lanes.offer("e", 3, () -> done.add("3"))).isTrue();
            assertThat(lanes.offer("e", 1, () -> done.add("1"))).isFalse();
            assertThat(lanes.rowsWaiting()).isEqualTo(10);
            release.countDown();
            lanes.drain(DRAIN_MILLIS);
            assertThat(lanes.rowsWaiting()).isZero();
        }
        assertThat(done).containsExactly("7", "3");
    }

    @Test
    void aBarrierIsNeverDropped() throws InterruptedException {
        try (Lanes lanes = new Lanes(1)) {
            CountDownLatch release = blocked(lanes);
            lanes.offer("e", 1, () -> done.add("row"));
            lanes.barrier("e", () -> done.add("barrier"));
            release.countDown();
            lanes.drain(DRAIN_MILLIS);
        }
        assertThat(done).containsExactly("row", "barrier");
    }

    @Test
    void workThatFailsStopsNothingAndFreesItsRows() throws InterruptedException {
        try (Lanes lanes = new Lanes(1)) {
            CountDownLatch failed = new CountDownLatch(1);
            lanes.offer("e", 1, () -> {
                failed.countDown();
                throw new IllegalStateException("no");
            });
            assertThat(failed.await(30, TimeUnit.SECONDS)).isTrue();
            lanes.barrier("e", () -> done.add("after"));
            lanes.drain(DRAIN_MILLIS);
            assertThat(lanes.rowsWaiting()).isZero();
        }
        assertThat(done).containsExactly("after");
    }

    @Test
    void aLaneThatHangsHoldsUpNoOther() throws InterruptedException {
        try (Lanes lanes = new Lanes(10)) {
            CountDownLatch release = blocked(lanes);
            CountDownLatch other = new CountDownLatch(1);
            lanes.offer("other", 1, other::countDown);
            assertThat(other.await(30, TimeUnit.SECONDS)).isTrue();
            release.countDown();
        }
    }

    @Test
    void eachLaneHasItsOwnBound() throws InterruptedException {
        try (Lanes lanes = new Lanes(1)) {
            CountDownLatch release = blocked(lanes);
            assertThat(lanes.offer("e", 1, () -> {})).isTrue();
            assertThat(lanes.offer("e", 1, () -> {})).isFalse();
            assertThat(lanes.offer("other", 1, () -> {})).isTrue();
            release.countDown();
        }
    }

    @Test
    void aBarrierOverAllLanesWaitsForTheSlowestOne() throws InterruptedException {
        try (Lanes lanes = new Lanes(10)) {
            CountDownLatch release = blocked(lanes);
            lanes.offer("other", 1, () -> done.add("other"));
            lanes.offer("e", 1, () -> done.add("e"));
            lanes.barrier(() -> done.add("all"));
            assertThat(done).doesNotContain("all");
            release.countDown();
            lanes.drain(DRAIN_MILLIS);
        }
        assertThat(done).containsExactlyInAnyOrder("other", "e", "all").endsWith("all");
    }

    @Test
    void barriersPassWorkThatHangsAndTheWorkBehindItKeepsItsPlace() throws InterruptedException {
        try (Lanes lanes = new Lanes(10)) {
            CountDownLatch release = blocked(lanes);
            lanes.offer("e", 1, () -> done.add("copy"));
            lanes.barrier("e", () -> done.add("seal"));
            lanes.barrier(() -> done.add("flush"));
            lanes.passHanging(System.nanoTime());
            assertThat(done).isEmpty();

            lanes.passHanging(System.nanoTime() + Lanes.HANGING_NANOS);
            CountDownLatch flushed = new CountDownLatch(1);
            lanes.barrier("", flushed::countDown);
            assertThat(flushed.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(done).containsExactly("seal", "flush");

            release.countDown();
            lanes.drain(DRAIN_MILLIS);
        }
        assertThat(done).containsExactly("seal", "flush", "copy");
    }

    @Test
    void aLaneThatHasJustBegunDoesNotHang() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            try (Lanes lanes = new Lanes(10)) {
                done.clear();
                String endpoint = "fresh" + i;
                lanes.offer(endpoint, 1, () -> done.add("copy"));
                lanes.barrier(endpoint, () -> done.add("seal"));
                lanes.passHanging(System.nanoTime());
                lanes.drain(DRAIN_MILLIS);
            }
            assertThat(done).containsExactly("copy", "seal");
        }
    }
}
