package dev.perennial.scorer.spool;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.ProcessIdentity;
import dev.perennial.predictionlog.Segment;
import dev.perennial.predictionlog.SegmentHeader;
import dev.perennial.predictionlog.SegmentReader;
import dev.perennial.scorer.config.ScorerInstance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a spool: {@code segments/GENERATION-NUMBER.open} while written, {@code .seg} when sealed. The folder belongs to one
 * process, which leaves in {@code lock} who it is; one that replaces it writes beside it, files of its own generation only, until that one
 * has ended. The generation is larger than every earlier one, also after the folder was lost: it follows the machine's clock.
 */
final class SpoolFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolFolder.class);
    private static final String LOCK = "lock";
    private static final String OPEN = ".open";
    private static final String SEALED = ".seg";

    private static final String MEMORY = "perennial-log-";
    /** A file system in memory, as every Linux has it. */
    static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Path segments;
    private final Path memory;
    private final FileChannel lockFile;
    private final FileChannel besideFile;
    private final long generation;
    private final String name;
    private final @Nullable ProcessIdentity before;
    private boolean beside;
    private List<Left> left = List.of();

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

    private SpoolFolder(
            Path segments,
            Path memory,
            FileChannel lockFile,
            FileChannel besideFile,
            long generation,
            String name,
            @Nullable ProcessIdentity before) {
        this.segments = segments;
        this.memory = memory;
        this.lockFile = lockFile;
        this.besideFile = besideFile;
        this.generation = generation;
        this.name = name;
        this.before = before;
        this.beside = before != null;
    }

    /**
     * @param memory a folder in memory
     * @param replace to write beside the process that has the folder, when there is one, until it has ended
     * @throws PerennialException when the folder is in use and this is not to replace who uses it, or cannot
     */
    static SpoolFolder open(Path spool, Path memory, InstantSource clock, RandomGenerator random, boolean replace)
            throws IOException {
        Path segments = Files.createDirectories(spool.resolve("segments"));
        FileChannel lockFile = lockFile(spool.resolve(LOCK));
        FileChannel besideFile = lockFile(spool.resolve("lock.next"));
        try {
            boolean free = locked(lockFile);
            ProcessIdentity before = free ? null : before(spool, besideFile, replace);
            long generation = nextGeneration(spool.resolve("generation"), clock);
            SpoolFolder folder =
                    new SpoolFolder(segments, memory, lockFile, besideFile, generation, name(spool, random), before);
            if (free) {
                folder.take();
            }
            return folder;
        } catch (IOException | PerennialException e) {
            lockFile.close();
            besideFile.close();
            throw e;
        }
    }

    private static ProcessIdentity before(Path spool, FileChannel besideFile, boolean replace) throws IOException {
        if (!replace) {
            throw PerennialException.state(
                    "the spool folder " + spool + " is in use by another scorer; give each its own --spool");
        }
        if (!locked(besideFile)) {
            throw PerennialException.state(
                    "the spool folder " + spool + " is in use by a scorer and by the one that replaces it");
        }
        return ProcessIdentity.read(spool.resolve(LOCK))
                .orElseThrow(() -> PerennialException.state("the scorer that uses " + spool
                        + " is of a release that cannot be replaced while it serves; end it with SIGTERM, then start"
                        + " this one"));
    }

    /** Says who has the folder now, and looks at what others left in it. */
    private void take() throws IOException {
        lockFile.truncate(0);
        ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current().pid()).orElse(null);
        if (self != null) {
            lockFile.write(ByteBuffer.wrap(self.text().getBytes(StandardCharsets.US_ASCII)), 0);
        }
        replay();
        left = scan(segments, generation + "-");
        beside = false;
    }

    /**
     * The way to this folder's files that no disk holds up; empty where there is no memory for it.
     *
     * @param bytes of memory; 0 for none
     */
    Optional<Relay> relay(int bytes, Disk disk) {
        if (bytes == 0 || !Files.isDirectory(memory)) {
            return Optional.empty();
        }
        Path file = memory.resolve(MEMORY + instance().name() + "-" + generation);
        try {
            return Optional.of(new Relay(SharedMemory.create(file, bytes, segments), disk, this::openFile));
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn("a disk that hangs will hold up answers: no memory in {} for the log ({})", memory, e.toString());
            return Optional.empty();
        }
    }

    /** Brings to their files what runs of this folder had in memory that were killed. */
    private void replay() throws IOException {
        if (!Files.isDirectory(memory)) {
            return;
        }
        String ofFolder = MEMORY + name + "-";
        List<Path> left;
        try (Stream<Path> all = Files.list(memory)) {
            left = all.filter(file -> file.getFileName().toString().startsWith(MEMORY))
                    .sorted()
                    .toList();
        }
        for (Path file : left) {
            String called = file.getFileName().toString();
            if (called.equals(ofFolder + generation)) {
                continue; // this run's own
            }
            if (called.startsWith(ofFolder)) {
                replay(file, called.substring(ofFolder.length()));
            } else {
                sweep(file);
            }
        }
    }

    /** Memory of scorers that were killed and whose folders are gone; those of others are their business. */
    private static void sweep(Path file) {
        try {
            if (SharedMemory.orphaned(file)) {
                Files.delete(file);
            }
        } catch (IOException e) {
            LOG.trace("not ours: {}", file, e);
        }
    }

    private void replay(Path file, String run) throws IOException {
        SharedMemory found;
        try {
            found = SharedMemory.left(file);
        } catch (IOException e) {
            LOG.error("what an earlier run had in memory is lost: {}", e.getMessage());
            Files.delete(file);
            return;
        }
        long bytes = found.waiting();
        try (Disk disk = Disk.ofFiles()) {
            found.take(found.head(), (number, at, content) -> {
                Path open = segments.resolve(run + "-" + number + OPEN);
                disk.write(open, at, content);
            });
        }
        found.delete();
        LOG.info("{} bytes of an earlier run were in memory and are in its files now", bytes);
    }

    /** Takes the folder once the process that had it has ended; false while it lives. */
    boolean adopt() throws IOException {
        if (!locked(lockFile)) {
            return false;
        }
        take();
        besideFile.close();
        return true;
    }

    /** Whether another process still has the folder, which this one replaces. */
    boolean beside() {
        return beside;
    }

    /** The process that had the folder when this one came; null when nobody did. */
    @Nullable
    ProcessIdentity before() {
        return before;
    }

    /** Tells this run from other scorers of the same name, and from its own runs before. */
    ScorerInstance instance() {
        return new ScorerInstance(name, generation);
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

    private static FileChannel lockFile(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Random, made with the folder. */
    private static String name(Path spool, RandomGenerator random) throws IOException {
        Path file = spool.resolve("instance");
        if (Files.exists(file)) {
            String name = Files.readString(file).strip();
            if (ScorerInstance.isName(name)) {
                return name;
            }
        }
        String name = HexFormat.of().toHexDigits(random.nextLong());
        Files.writeString(file, name);
        return name;
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
            out.write(ByteBuffer.wrap(Long.toString(next).getBytes(StandardCharsets.US_ASCII)));
            out.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        return next;
    }

    private static List<Left> scan(Path segments, String own) throws IOException {
        List<Left> left = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> all = Files.list(segments)) {
            files = all.filter(file ->
                            file.toString().endsWith(OPEN) || file.toString().endsWith(SEALED))
                    .filter(file -> !file.getFileName().toString().startsWith(own))
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
        besideFile.close();
    }
}
