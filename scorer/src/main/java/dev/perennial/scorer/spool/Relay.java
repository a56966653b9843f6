package dev.perennial.scorer.spool;

import dev.perennial.predictionlog.SegmentSink;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the bytes of segments at once and brings them to their files by a thread of its own: a disk that hangs holds up that thread and
 * nobody else. Until then they are in {@link SharedMemory}, which a kill of this process does not touch; the next run brings them to their
 * files. Once that memory is full, or the disk refuses, nothing more is taken. Costs a copy of the bytes. Thread-safe.
 */
final class Relay {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
    /** How long the thread sleeps between looks while something comes now and then. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private static final int LOOKS_BEFORE_REST = 50;
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long END_MILLIS = 5_000;

    private final SharedMemory memory;
    private final Disk disk;
    private final LongFunction<Path> files;
    private final Thread thread;
    private volatile boolean resting;
    private volatile boolean ending;
    private volatile String refusal = "";

    /**
     * @param files the file of each number
     */
    Relay(SharedMemory memory, Disk disk, LongFunction<Path> files) {
        this.memory = memory;
        this.disk = disk;
        this.files = files;
        this.thread = Thread.ofPlatform().daemon().name("spool-writer").unstarted(this::run);
        thread.start();
    }

    /** Bytes that are not in their files yet. */
    long waiting() {
        return memory.waiting();
    }

    /** The way to the file of this number, which need not be there. */
    SegmentSink sink(long number) {
        return new Sink(number);
    }

    private void run() {
        int idle = 0;
        while (!ending || memory.waiting() > 0) {
            if (written()) {
                idle = 0;
            } else if (!refusal.isEmpty()) {
                if (ending) {
                    return; // the next run has another try
                }
                LockSupport.parkNanos(AGAIN_NANOS);
            } else if (idle++ < LOOKS_BEFORE_REST) {
                LockSupport.parkNanos(LOOK_NANOS);
            } else {
                rest();
                idle = 0;
            }
        }
    }

    /** Whoever puts something sees that this thread rests, or this thread sees what was put. */
    private void rest() {
        resting = true;
        while (resting && memory.waiting() == 0 && !ending) {
            LockSupport.park(this);
        }
        resting = false;
    }

    /** Brings what waits to its files; false when nothing did, or the disk refuses. */
    private boolean written() {
        long upTo = memory.head();
        if (upTo == memory.tail()) {
            return false;
        }
        try {
            memory.take(upTo, (number, at, bytes) -> disk.write(files.apply(number), at, bytes));
            refusal = "";
            return true;
        } catch (IOException e) {
            if (refusal.isEmpty()) {
                LOG.error("the log waits in memory, {} bytes of it: {}", memory.waiting(), e.toString());
            }
            refusal = e.toString();
            return false;
        }
    }

    private void settle() throws IOException {
        long upTo = memory.head();
        wake();
        try {
            while (memory.tail() < upTo) {
                if (!refusal.isEmpty()) {
                    throw new IOException(refusal);
                }
                TimeUnit.MILLISECONDS.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the disk is waited for");
        }
    }

    private void wake() {
        if (resting) {
            resting = false;
            LockSupport.unpark(thread);
        }
    }

    /** Writes what waits; what the disk does not take stays for the next run. False when it hangs, and this process still writes. */
    boolean end() {
        ending = true;
        resting = false;
        LockSupport.unpark(thread);
        try {
            thread.join(END_MILLIS);
            if (thread.isAlive()) {
                LOG.warn("the disk hangs; {} bytes of the log wait in memory for the next start", memory.waiting());
                return false;
            }
            disk.close();
            if (memory.waiting() == 0) {
                memory.delete();
            } else {
                memory.leave();
            }
        } catch (IOException e) {
            LOG.warn("closing the log: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    private final class Sink implements SegmentSink {
        private final long number;
        private long size;
        private boolean closed;

        Sink(long number) {
            this.number = number;
        }

        @Override
        public void write(byte[] bytes, int length) throws IOException {
            if (!refusal.isEmpty()) {
                throw new IOException(refusal);
            }
            if (length > memory.most()) {
                settle(); // rather than never: an answer of a thousand wide rows
                disk.write(files.apply(number), size, ByteBuffer.wrap(bytes, 0, length));
            } else if (!memory.put(number, size, bytes, length)) {
                throw new IOException("the disk does not keep up, " + memory.waiting() + " bytes wait in memory");
            }
            size += length;
            wake();
        }

        @Override
        public void settle() throws IOException {
            Relay.this.settle();
        }

        @Override
        public synchronized void force() throws IOException {
            if (closed) {
                throw new ClosedChannelException(); // its file may have another name now
            }
            settle();
            disk.force(files.apply(number));
        }

        @Override
        public synchronized void close() throws IOException {
            closed = true;
            if (!ending) {
                disk.close(files.apply(number));
            }
        }
    }
}
