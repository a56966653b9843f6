package dev.perennial.scorer.serving;

import dev.perennial.scorer.Lanes;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Work that is done once an answer was sent, in the lane of its endpoint; under pressure it is dropped and counted. Thread-safe. */
final class Afterwards {
    static final Runnable NOTHING = () -> {};

    private static final long ANSWER_SECONDS_MAX = 10;

    private final Lanes lanes;

    Afterwards(Lanes lanes) {
        this.lanes = lanes;
    }

    /**
     * What waits.
     *
     * @param weight what it counts in the lane, in rows
     * @param rows that are lost when there is no place
     */
    record Job(long weight, long rows, Runnable work) {}

    /** Queues work; it is not begun before the returned action is called. The endpoint's models stay open until it is done. */
    Runnable offer(Serving serving, Endpoint endpoint, Job job, LongAdder dropped) {
        if (!serving.lease()) {
            return NOTHING;
        }
        CountDownLatch answered = new CountDownLatch(1);
        int weight = (int) Math.min(Integer.MAX_VALUE / 2, job.weight());
        boolean taken = lanes.offer(endpoint.name(), weight, () -> {
            try (serving) {
                if (await(answered)) {
                    job.work().run();
                }
            }
        });
        if (!taken) {
            serving.close();
            dropped.add(job.rows());
            return NOTHING;
        }
        return answered::countDown;
    }

    /** False when the process ends: what is owed of rows is done by the next one. */
    private static boolean await(CountDownLatch answered) {
        try {
            if (answered.await(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)) {
                return true;
            }
            throw new IllegalStateException("a request was not answered within " + ANSWER_SECONDS_MAX + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
