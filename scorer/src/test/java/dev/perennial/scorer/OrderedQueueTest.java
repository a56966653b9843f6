package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OrderedQueueTest {
    private static final long DRAIN_MILLIS = 30_000;

    private final List<String> done = new CopyOnWriteArrayList<>();

    private static CountDownLatch blocked(OrderedQueue queue) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        queue.barrier(() -> {
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
        try (OrderedQueue queue = new OrderedQueue("test", 10)) {
            assertThat(queue.offer(1, () -> done.add("a"))).isTrue();
            queue.barrier(() -> done.add("barrier"));
            assertThat(queue.offer(1, () -> done.add("b"))).isTrue();
            queue.drain(DRAIN_MILLIS);
        }
        assertThat(done).containsExactly("a", "barrier", "b");
    }

    @Test
    void rowsBeyondTheBoundAreDroppedAndTheBoundItselfIsTaken() throws InterruptedException {
        try (OrderedQueue queue = new OrderedQueue("test", 10)) {
            CountDownLatch release = blocked(queue);
            assertThat(queue.offer(7, () -> done.add("7"))).isTrue();
            assertThat(queue.offer(4, () -> done.add("4"))).isFalse();
            assertThat(queue.offer(3, () -> done.add("3"))).isTrue();
            assertThat(queue.offer(1, () -> done.add("1"))).isFalse();
            assertThat(queue.rowsWaiting()).isEqualTo(10);
            release.countDown();
            queue.drain(DRAIN_MILLIS);
            assertThat(queue.rowsWaiting()).isZero();
        }
        assertThat(done).containsExactly("7", "3");
    }

    @Test
    void aBarrierIsNeverDropped() throws InterruptedException {
        try (OrderedQueue queue = new OrderedQueue("test", 1)) {
            CountDownLatch release = blocked(queue);
            queue.offer(1, () -> done.add("row"));
            queue.barrier(() -> done.add("barrier"));
            release.countDown();
            queue.drain(DRAIN_MILLIS);
        }
        assertThat(done).containsExactly("row", "barrier");
    }

    @Test
    void workThatFailsStopsNothingAndFreesItsRows() throws InterruptedException {
        try (OrderedQueue queue = new OrderedQueue("test", 1)) {
            CountDownLatch failed = new CountDownLatch(1);
            queue.offer(1, () -> {
                failed.countDown();
                throw new IllegalStateException("no");
            });
            assertThat(failed.await(30, TimeUnit.SECONDS)).isTrue();
            queue.barrier(() -> done.add("after"));
            queue.drain(DRAIN_MILLIS);
            assertThat(queue.rowsWaiting()).isZero();
        }
        assertThat(done).containsExactly("after");
    }
}
