package dev.perennial.scorer.spool;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A ring of bytes that wait for their files, in memory that outlives this process: a file of a memory file system, mapped. Its space is
 * taken when it is made, so that no write into it can fail or wait. Two counters say what waits: what was put ({@code head}) and what is in
 * its file ({@code tail}); an entry is there once the head is behind it. One thread puts at a time, one takes.
 *
 * <pre>
 * 0 magic, 64 tail, 128 head, 192 whose (short length, UTF-8), 4096 entries:
 * int length, int kind, long number of the file, long place in it, bytes, to a multiple of 8
 * </pre>
 */
final class SharedMemory {
    private static final long MAGIC = 0x50524c4f47303031L; // PRLOG001
    private static final int TAIL_AT = 64;
    private static final int HEAD_AT = 128;
    private static final int OWNER_AT = 192;
    private static final int START = 4096;
    private static final int ZEROS = 1 << 16;
    private static final int BATCH_BYTES = 1 << 21;
    private static final int ENTRY_BYTES = 24;
    private static final int KIND_AT = 4;
    private static final int NUMBER_AT = 8;
    private static final int PLACE_AT = 16;
    private static final int BYTES = 1;
    /** The rest up to the end is not used. */
    private static final int SKIP = 2;

    private static final int ALIGN = 8;
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer map;
    private final int capacity;
    private final ByteBuffer batch;
    private long head;
    private volatile long tail;

    /** Takes some of what waits. */
    interface Taker {
        /** @param bytes to be used during the call only */
        void take(long number, long at, ByteBuffer bytes) throws IOException;
    }

    private SharedMemory(Path file, FileChannel channel, ByteBuffer map) {
        this.file = file;
        this.channel = channel;
        this.map = map.order(ByteOrder.LITTLE_ENDIAN);
        this.capacity = map.capacity() - START;
        this.batch = ByteBuffer.allocateDirect(Math.min(BATCH_BYTES, capacity / 2));
        this.tail = (long) LONG.getAcquire(map, TAIL_AT);
        this.head = (long) LONG.getAcquire(map, HEAD_AT);
    }

    /**
     * Makes an empty one, which this process locks as long as it lives.
     *
     * @param file must not exist; only this user may read it
     * @param capacity bytes, a multiple of 8
     * @param owner folder whose files the bytes are for
     */
    static SharedMemory create(Path file, int capacity, Path owner) throws IOException {
        byte[] whose = owner.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
        if (whose.length > START - OWNER_AT - Short.BYTES) {
            throw new IOException("the name of the folder is too long");
        }
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            channel.lock();
            ByteBuffer zeros = ByteBuffer.allocate(ZEROS);
            for (long at = 0; at < START + (long) capacity; at += zeros.capacity()) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), START + (long) capacity - at));
                while (zeros.hasRemaining()) { // never sparse: full memory is told here, not by a signal later
                    channel.write(zeros);
                }
            }
            MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, START + (long) capacity);
            map.order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, MAGIC)
                    .putShort(OWNER_AT, (short) whose.length)
                    .put(OWNER_AT + Short.BYTES, whose);
            return new SharedMemory(file, channel, map);
        } catch (IOException e) {
            channel.close();
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /**
     * What a process left that died.
     *
     * @throws IOException when the file cannot be read or is something else
     */
    static SharedMemory left(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            long size = channel.size();
            if (size <= START || size > Integer.MAX_VALUE) {
                throw new IOException(file + " has " + size + " bytes and is no log memory");
            }
            ByteBuffer map =
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, size).order(ByteOrder.LITTLE_ENDIAN);
            SharedMemory memory = new SharedMemory(file, channel, map);
            if (map.getLong(0) != MAGIC || memory.waiting() < 0 || memory.waiting() > memory.capacity) {
                throw new IOException(file + " is no log memory");
            }
            return memory;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Whether nobody will ever need one: the process that made it has ended, and the folder that it is for is gone. Only the system knows
     * the former, also of processes that this one does not see.
     */
    static boolean orphaned(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            FileLock lock = channel.tryLock();
            ByteBuffer start = ByteBuffer.allocate(START).order(ByteOrder.LITTLE_ENDIAN);
            if (lock == null || channel.read(start, 0) < START || start.getLong(0) != MAGIC) {
                return false;
            }
            byte[] whose = new byte[Math.clamp(start.getShort(OWNER_AT), 0, START - OWNER_AT - Short.BYTES)];
            start.get(OWNER_AT + Short.BYTES, whose);
            return !Files.exists(Path.of(new String(whose, StandardCharsets.UTF_8)));
        } catch (OverlappingFileLockException e) {
            return false; // of this very process
        }
    }

    /** Bytes that wait. */
    synchronized long waiting() {
        return head - tail;
    }

    /** What was put so far. */
    synchronized long head() {
        return head;
    }

    /** What is in its file so far. */
    long tail() {
        return tail;
    }

    /** Puts bytes for a place of a file; false when there is no room for them. */
    synchronized boolean put(long number, long at, byte[] bytes, int length) {
        int entry = aligned(ENTRY_BYTES + length);
        int position = position(head);
        int rest = capacity - position >= entry ? 0 : capacity - position;
        if (capacity - (head - tail) < (long) rest + entry) {
            return false;
        }
        if (rest > 0) {
            map.putInt(START + position, rest).putInt(START + position + KIND_AT, SKIP);
            position = 0;
        }
        int to = START + position;
        map.putInt(to, length)
                .putInt(to + KIND_AT, BYTES)
                .putLong(to + NUMBER_AT, number)
                .putLong(to + PLACE_AT, at)
                .put(to + ENTRY_BYTES, bytes, 0, length);
        head += (long) rest + entry;
        LONG.setRelease(map, HEAD_AT, head);
        return true;
    }

    /**
     * Gives what waits to a taker, up to so much; what follows itself in one file together. When that fails in the middle, what failed and
     * what is behind it still waits.
     *
     * @param upTo counter at which to end
     * @throws IOException what the taker throws, or when an entry is damaged
     */
    void take(long upTo, Taker taker) throws IOException {
        while (tail < upTo) {
            long next = tail;
            long number = -1;
            long at = 0;
            batch.clear();
            while (next < upTo) {
                int entry = START + position(next);
                int length = length(entry);
                if (map.getInt(entry + KIND_AT) == SKIP) {
                    next += length;
                    continue;
                }
                if (number < 0) {
                    number = map.getLong(entry + NUMBER_AT);
                    at = map.getLong(entry + PLACE_AT);
                }
                boolean follows = map.getLong(entry + NUMBER_AT) == number
                        && map.getLong(entry + PLACE_AT) == at + batch.position();
                if (!follows || length > batch.remaining()) {
                    break;
                }
                batch.put(map.slice(entry + ENTRY_BYTES, length));
                next += aligned(ENTRY_BYTES + length);
            }
            if (number >= 0) {
                taker.take(number, at, batch.flip());
            }
            LONG.setRelease(map, TAIL_AT, next);
            tail = next;
        }
    }

    /** Of an entry, which is checked. */
    private int length(int entry) throws IOException {
        int length = map.getInt(entry);
        int kind = map.getInt(entry + KIND_AT);
        boolean whole = kind == SKIP
                ? length > 0 && length <= capacity
                : kind == BYTES && length >= 0 && length <= batch.capacity();
        if (!whole || entry + length > map.capacity()) {
            throw new IOException(file + " is damaged at " + tail);
        }
        return length;
    }

    /** More than so many bytes cannot be put together. */
    int most() {
        return batch.capacity();
    }

    private int position(long counter) {
        return (int) (counter % capacity);
    }

    private static int aligned(int bytes) {
        return (bytes + ALIGN - 1) / ALIGN * ALIGN;
    }

    /** Removes it. */
    void delete() throws IOException {
        Files.deleteIfExists(file);
        channel.close();
    }

    /** Leaves it for the next run. */
    void leave() throws IOException {
        channel.close();
    }
}
