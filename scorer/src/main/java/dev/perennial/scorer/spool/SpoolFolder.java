package dev.perennial.scorer.spool;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.Segment;
import dev.perennial.predictionlog.SegmentHeader;
import dev.perennial.predictionlog.SegmentReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a spool: {@code segments/GENERATION-NUMBER.open} while written, {@code .seg} when sealed. The folder belongs to one
 * process. The generation is larger than every earlier one, also after the folder was lost: it follows the machine's clock.
 */
final class SpoolFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolFolder.class);
    private static final String OPEN = ".open";
    private static final String SEALED = ".seg";

    private final Path segments;
    private final FileChannel lockFile;
    private final long generation;
    private final List<Left> left;

    /** A file of an earlier run; what it holds is read when it is asked for. */
    record Left(Path file, SegmentHeader header, Digest root) {
        boolean sealed() {
            return file.toString().endsWith(SEALED);
        }

        Segment segment() {
            return SegmentReader.read(file);
        }

        Delivery.Sealed item() {
            return new Delivery.Sealed(
                    file,
                    header.generation(),
                    header.number(),
                    root,
                    file.toFile().length());
        }
    }

    private SpoolFolder(Path segments, FileChannel lockFile, long generation, List<Left> left) {
        this.segments = segments;
        this.lockFile = lockFile;
        this.generation = generation;
        this.left = left;
    }

    static SpoolFolder open(Path spool, InstantSource clock) throws IOException {
        Path segments = Files.createDirectories(spool.resolve("segments"));
        FileChannel lockFile =
                FileChannel.open(spool.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(lockFile)) {
            lockFile.close();
            throw new PerennialException(
                    ErrorCode.INVALID_STATE,
                    "the spool folder " + spool + " is in use by another scorer; give each its own --spool");
        }
        long generation = nextGeneration(spool.resolve("generation"), clock);
        return new SpoolFolder(segments, lockFile, generation, scan(segments));
    }

    long generation() {
        return generation;
    }

    /** In the order in which they were begun. */
    List<Left> left() {
        return left;
    }

    long sizeBytes() throws IOException {
        long sum = 0;
        for (Left file : left) {
            sum += Files.size(file.file());
        }
        return sum;
    }

    Path openFile(long number) {
        return segments.resolve(generation + "-" + number + OPEN);
    }

    /** Gives a file that now is sealed its final name. */
    Delivery.Sealed sealed(Path open, SegmentHeader header, Digest root) throws IOException {
        Path file = open.resolveSibling(open.getFileName().toString().replace(OPEN, SEALED));
        Files.move(open, file, StandardCopyOption.ATOMIC_MOVE);
        return new Left(file, header, root).item();
    }

    private static boolean locked(FileChannel lockFile) throws IOException {
        try {
            @Nullable FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static long nextGeneration(Path file, InstantSource clock) throws IOException {
        long last = Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
        long next = Math.max(last + 1, clock.millis());
        Path temporary = file.resolveSibling("generation.next");
        try (FileChannel out = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            out.write(
                    java.nio.ByteBuffer.wrap(Long.toString(next).getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
            out.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        return next;
    }

    private static List<Left> scan(Path segments) throws IOException {
        List<Left> left = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> all = Files.list(segments)) {
            files = all.filter(file ->
                            file.toString().endsWith(OPEN) || file.toString().endsWith(SEALED))
                    .toList();
        }
        for (Path file : files) {
            try {
                Segment segment = SegmentReader.read(file);
                if (segment.count() == 0 && segment.tallies().isEmpty()) {
                    Files.delete(file);
                } else {
                    left.add(new Left(file, segment.header(), segment.root()));
                }
            } catch (PerennialException e) {
                if (file.toString().endsWith(OPEN)) {
                    LOG.info("{} was torn before its first record", file.getFileName());
                    Files.delete(file);
                } else {
                    LOG.error("sealed segment {} is damaged and stays where it is: {}", file, e.getMessage());
                }
            }
        }
        left.sort(Comparator.<Left>comparingLong(file -> file.header().generation())
                .thenComparingLong(file -> file.header().number()));
        return left;
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
