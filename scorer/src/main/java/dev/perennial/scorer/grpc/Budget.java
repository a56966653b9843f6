package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes of messages that are held at the same time, for all calls together. Thread-safe. */
final class Budget {
    private final long bytesMax;
    private final AtomicLong held = new AtomicLong();

    Budget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** @throws PerennialException when more would be held than is allowed; nothing is taken then */
    void take(long bytes) {
        if (held.addAndGet(bytes) > bytesMax) {
            held.addAndGet(-bytes);
            throw new PerennialException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "messages of more than " + bytesMax + " bytes are under way; try again");
        }
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    long held() {
        return held.get();
    }
}
