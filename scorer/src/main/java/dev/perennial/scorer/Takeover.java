package dev.perennial.scorer;

import dev.perennial.kernel.ProcessIdentity;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a replacement, once the new process listens: new connections are steered to it, the one before is asked to end, which drains
 * it, and what it leaves undelivered is taken over when it is gone. A thread of its own.
 */
final class Takeover {
    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);
    /** Connections whose handshake was under way still come to the one before. */
    private static final long GRACE_MILLIS = 300;

    private static final long LOOK_MILLIS = 20;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final ProcessIdentity before;
    private final Adoption adoption;

    /** Takes over what the one before left; false while it lives. */
    interface Adoption {
        boolean tried() throws IOException;
    }

    Takeover(ProcessIdentity before, Adoption adoption) {
        this.before = before;
        this.adoption = adoption;
    }

    void start(int port) {
        try {
            Steering.toThisProcess(port);
        } catch (IOException e) {
            LOG.warn(
                    "connections made in the instant in which pid {} closes its port may be lost: {}",
                    before.pid(),
                    e.getMessage());
        }
        Thread.ofPlatform().daemon().name("takeover").start(this::run);
    }

    private void run() {
        try {
            Thread.sleep(GRACE_MILLIS);
            before.signal(false);
            long asked = System.nanoTime();
            boolean told = false;
            while (!adoption.tried()) {
                if (!told && System.nanoTime() - asked > PATIENCE_NANOS) {
                    told = true;
                    LOG.warn("pid {} was asked to end and does not; new connections come here", before.pid());
                }
                Thread.sleep(LOOK_MILLIS);
            }
            LOG.info("took the place of pid {}", before.pid());
        } catch (IOException e) {
            LOG.error("what pid {} left cannot be taken over; the next start tries again", before.pid(), e);
        } catch (InterruptedException e) {
            LOG.debug("taking over ends");
        }
    }
}
