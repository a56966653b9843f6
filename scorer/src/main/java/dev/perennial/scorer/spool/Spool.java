package dev.perennial.scorer.spool;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.ProcessIdentity;
import dev.perennial.predictionlog.CallTally;
import dev.perennial.predictionlog.ChampionBatch;
import dev.perennial.predictionlog.LogColumn;
import dev.perennial.predictionlog.LogPolicy;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Segment;
import dev.perennial.predictionlog.SegmentHeader;
import dev.perennial.predictionlog.SegmentWriter;
import dev.perennial.predictionlog.Tally;
import dev.perennial.scorer.Lanes;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.config.ScorerInstance;
import dev.perennial.scorer.config.ServerLink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The prediction log of this scorer: one open segment for each endpoint, sealed by size, by age and by flush, then delivered.
 *
 * <p>{@link #append} hands the bytes to memory that outlives this process before it returns, so that a kill loses nothing that was
 * answered, and never waits for the disk; another thread writes them, and the device is forced in batches. Where there is no such memory it
 * hands them to the operating system. A segment is sealed only after the shadow copies of its predictions were written, unless
 * one hangs: a segment still open after a kill therefore holds every prediction whose copies may be missing. When the spool is full or the disk fails, nothing
 * is thrown: the records are lost, counted and said in health, and scoring goes on. Thread-safe.
 */
public final class Spool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final long FORCE_MILLIS = 200;
    private static final long MINUTE_MILLIS = 60_000;
    /** Between steps of sealing, so that answers do not wait for it where processors are few. */
    private static final long SEAL_PAUSE_NANOS = 300_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Open> open = new HashMap<>();
    private final ScorerSettings settings;
    private final InstantSource clock;
    private final SpoolFolder folder;
    private final @Nullable Relay relay;
    private final Lanes lanes;
    private final Delivery delivery;
    private final ScheduledThreadPoolExecutor timer;
    private final AtomicLong bytes;
    private final LongAdder logged;
    private final LongAdder lost;
    private final LongAdder sampledOut;
    private volatile String problem = "";
    private volatile boolean dirty;
    private long number;
    private List<SpoolFolder.Left> left;

    private final Tallies tallies = new Tallies();
    private final CallTallies calls = new CallTallies();
    private final Map<String, Form> forms = new HashMap<>();

    private record Open(SegmentWriter writer, Path file, long since) {}

    /**
     * What the segments of an endpoint hold.
     *
     * @param columns feature columns of its predictions
     * @param policy what is left out; null when nothing is
     */
    public record Form(List<LogColumn> columns, @Nullable LogPolicy policy) {
        boolean fits(SegmentHeader header) {
            return header.columns().equals(columns) && Objects.equals(header.policy(), policy);
        }
    }

    public Spool(
            ScorerSettings settings,
            InstantSource clock,
            ServerLink link,
            Lanes lanes,
            Metrics metrics,
            RandomGenerator random)
            throws IOException {
        this(settings, clock, link, lanes, metrics, random, Disk.ofFiles(), SpoolFolder.SHARED_MEMORY);
    }

    /** @param memory a folder in memory */
    Spool(
            ScorerSettings settings,
            InstantSource clock,
            ServerLink link,
            Lanes lanes,
            Metrics metrics,
            RandomGenerator random,
            Disk disk,
            Path memory)
            throws IOException {
        this.settings = settings;
        this.clock = clock;
        this.lanes = lanes;
        this.folder = SpoolFolder.open(
                settings.spool(), memory, clock, random, settings.network().replace());
        this.relay = folder.relay(settings.limits().logMemoryBytes(), disk).orElse(null);
        this.bytes = new AtomicLong(folder.sizeBytes());
        this.delivery = new Delivery(link, folder.instance(), gone -> bytes.addAndGet(-gone), metrics, random);
        this.left = folder.left();
        this.logged = metrics.counter("perennial_scorer_log_records_total");
        this.lost = metrics.counter("perennial_scorer_log_lost_records_total");
        this.sampledOut = metrics.counter("perennial_scorer_log_sampled_out_records_total");
        metrics.gauge("perennial_scorer_spool_bytes", bytes::get);
        metrics.gauge("perennial_scorer_spool_limit_bytes", settings.limits()::spoolBytes);
        metrics.gauge("perennial_scorer_spool_waiting", delivery::waiting);
        metrics.gauge("perennial_scorer_log_memory_bytes", () -> relay == null ? 0 : relay.waiting());
        this.timer = new ScheduledThreadPoolExecutor(
                1, task -> Thread.ofPlatform().daemon().name("spool-timer").unstarted(task));
    }

    /** Starts to deliver, first what an earlier run sealed. */
    public void start() {
        left.stream().filter(SpoolFolder.Left::sealed).forEach(file -> delivery.add(file.item()));
        delivery.start();
        timer.scheduleWithFixedDelay(this::tick, FORCE_MILLIS, FORCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Tells this run from others. */
    public ScorerInstance instance() {
        return folder.instance();
    }

    /** The process that this one replaces; empty when nobody had the folder. */
    public Optional<ProcessIdentity> before() {
        return Optional.ofNullable(folder.before());
    }

    /** Whether the process that this one replaces still has the folder: what it writes is not yet here to deliver. */
    public boolean beside() {
        return folder.beside();
    }

    /** Takes over what the replaced process left undelivered, once it has ended; false while it lives. */
    public boolean adopt() throws IOException {
        if (!folder.adopt()) {
            return false;
        }
        left = folder.left();
        bytes.addAndGet(folder.sizeBytes());
        left.stream().filter(SpoolFolder.Left::sealed).forEach(file -> delivery.add(file.item()));
        return true;
    }

    /**
     * Segments that an earlier run left open: read them, write what their shadow variants still owe, then call {@link #sealLeft}.
     */
    public List<Segment> leftOpen() {
        return left.stream()
                .filter(file -> !file.sealed())
                .map(SpoolFolder.Left::segment)
                .toList();
    }

    /** What an earlier run wrote since the first segment that it left open, that one included. */
    public List<Segment> leftSinceOpen() {
        int first = 0;
        while (first < left.size() && left.get(first).sealed()) {
            first++;
        }
        return left.subList(first, left.size()).stream()
                .map(SpoolFolder.Left::segment)
                .toList();
    }

    /** Seals what an earlier run left open, after everything queued so far. */
    public void sealLeft() {
        List<SpoolFolder.Left> files =
                left.stream().filter(file -> !file.sealed()).toList();
        left = List.of();
        for (SpoolFolder.Left file : files) {
            lanes.barrier(file.segment().header().endpoint(), () -> recover(file));
        }
    }

    public Delivery delivery() {
        return delivery;
    }

    /** Why predictions are not being logged; empty when all is well. */
    public String problem() {
        return problem;
    }

    /**
     * Appends what is kept of answered rows as one unit; false when it could not be logged. Rows that are not logged are counted.
     *
     * @param kept those of the answered rows, or all, that the policy of the endpoint wants to be logged
     */
    public boolean append(String endpoint, Form form, List<PredictionRecord> answered, List<PredictionRecord> kept) {
        lock.lock();
        try {
            boolean done = kept.isEmpty() || append(endpoint, form, kept);
            forms.put(endpoint, form);
            tallies.answered(endpoint, minute(), answered, done ? kept : List.of());
            sampledOut.add(answered.size() - kept.size());
            return done;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The same for rows that the champion answered together.
     *
     * @param kept whether the policy of the endpoint wants them all to be logged, or none
     */
    public boolean append(String endpoint, Form form, ChampionBatch answered, boolean kept) {
        int rows = answered.rows();
        lock.lock();
        try {
            boolean done = !kept || append(endpoint, form, rows, writer -> writer.append(answered));
            forms.put(endpoint, form);
            tallies.answered(endpoint, minute(), answered.version(), rows, kept && done ? rows : 0);
            sampledOut.add(kept ? 0 : rows);
            return done;
        } finally {
            lock.unlock();
        }
    }

    /** Counts a request that a version failed to answer. */
    public void failed(String endpoint, String version) {
        lock.lock();
        try {
            tallies.failed(endpoint, minute(), version);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Counts a call of tensors, which leaves no record. The count is written within {@link #FORCE_MILLIS}: a kill loses those of so long at
     * most.
     *
     * @param call of whatever minute; it counts for the present one
     */
    public void called(String endpoint, Form form, CallTally call) {
        lock.lock();
        try {
            forms.put(endpoint, form);
            calls.add(endpoint, call.at(minute()));
        } finally {
            lock.unlock();
        }
    }

    private long minute() {
        return Math.floorDiv(clock.millis(), MINUTE_MILLIS);
    }

    /** Appends records as one unit; false when they could not be logged. */
    public boolean append(String endpoint, Form form, List<? extends LogRecord> records) {
        return append(endpoint, form, records.size(), writer -> writer.append(records));
    }

    private boolean append(String endpoint, Form form, int records, Writing writing) {
        lock.lock();
        try {
            if (bytes.get() >= settings.limits().spoolBytes()) {
                return lose(
                        records,
                        "the spool holds " + bytes.get() + " bytes, its limit is "
                                + settings.limits().spoolBytes());
            }
            Open segment = segment(endpoint, form);
            long before = segment.writer.sizeBytes();
            writing.on(segment.writer);
            bytes.addAndGet(segment.writer.sizeBytes() - before);
            dirty = true;
            logged.add(records);
            problem = "";
            if (segment.writer.sizeBytes() >= settings.limits().segmentBytes()) {
                rotate(endpoint);
            }
            return true;
        } catch (IOException e) {
            return lose(records, "the log cannot be written: " + e);
        } finally {
            lock.unlock();
        }
    }

    private Open segment(String endpoint, Form form) throws IOException {
        Open segment = open.get(endpoint);
        if (segment != null && !form.fits(segment.writer.header())) {
            rotate(endpoint);
            segment = null;
        }
        return segment == null ? create(endpoint, form) : segment;
    }

    /**
     * Writes down what is counted. While the spool is full only minutes that are over are, a hundred bytes each beyond its limit.
     *
     * @param all also the minute that is not over
     */
    void tell(boolean all) {
        boolean full = bytes.get() >= settings.limits().spoolBytes();
        long before = full && !all ? minute() : Long.MAX_VALUE;
        for (String endpoint : tallies.endpoints()) {
            Form form = forms.getOrDefault(endpoint, new Form(List.of(), null));
            List<Tally> told = tallies.take(endpoint, form.policy() != null, before);
            if (told.isEmpty()) {
                continue;
            }
            if (!written(endpoint, form, writer -> writer.tell(told))) {
                tallies.back(endpoint, told);
            }
        }
        for (String endpoint : calls.endpoints()) {
            List<CallTally> told = calls.take(endpoint, before);
            Form form = forms.getOrDefault(endpoint, new Form(List.of(), null));
            if (!told.isEmpty() && !written(endpoint, form, writer -> writer.tellCalls(told))) {
                told.forEach(tally -> calls.add(endpoint, tally));
            }
        }
    }

    private interface Writing {
        void on(SegmentWriter writer) throws IOException;
    }

    private boolean written(String endpoint, Form form, Writing writing) {
        try {
            Open segment = segment(endpoint, form);
            long size = segment.writer.sizeBytes();
            writing.on(segment.writer);
            bytes.addAndGet(segment.writer.sizeBytes() - size);
            dirty = true;
            return true;
        } catch (IOException e) {
            problem = "the log cannot be written: " + e;
            return false;
        }
    }

    /** Seals and delivers everything logged so far, and then tells the server that it is done. */
    public void flush(long flush) {
        rotateAll();
        lanes.barrier(() -> delivery.add(new Delivery.Flushed(flush)));
    }

    private Open create(String endpoint, Form form) throws IOException {
        long own = number++;
        Path file = folder.openFile(own);
        SegmentHeader header =
                new SegmentHeader(endpoint, settings.id(), folder.generation(), own, form.columns(), form.policy());
        SegmentWriter writer = relay == null
                ? SegmentWriter.create(file, header)
                : SegmentWriter.create(file, header, relay.sink(own));
        bytes.addAndGet(writer.sizeBytes());
        Open segment = new Open(writer, file, clock.millis());
        open.put(endpoint, segment);
        return segment;
    }

    private boolean lose(int records, String why) {
        if (problem.isEmpty()) {
            LOG.error("predictions are answered but not logged: {}", why);
        }
        problem = why;
        lost.add(records);
        return false;
    }

    private void rotateAll() {
        lock.lock();
        try {
            tell(true);
            List.copyOf(open.keySet()).forEach(this::rotate);
        } finally {
            lock.unlock();
        }
    }

    private void rotate(String endpoint) {
        Open segment = open.remove(endpoint);
        if (segment != null) {
            lanes.barrier(endpoint, () -> seal(segment));
        }
    }

    private void seal(Open segment) {
        try {
            long before = segment.writer.sizeBytes();
            Digest root = segment.writer.seal(() -> LockSupport.parkNanos(SEAL_PAUSE_NANOS));
            bytes.addAndGet(segment.writer.sizeBytes() - before);
            delivery.add(folder.sealed(segment.file, segment.writer.header(), root));
        } catch (IOException | UncheckedIOException | PerennialException e) {
            LOG.error("segment {} cannot be sealed; the next start tries again", segment.file, e);
        }
    }

    private void recover(SpoolFolder.Left file) {
        try {
            long before = Files.size(file.file());
            Segment recovered = SegmentWriter.recover(file.file());
            bytes.addAndGet(Files.size(file.file()) - before);
            LOG.info(
                    "segment {} of an earlier run recovered with {} records",
                    file.file().getFileName(),
                    recovered.count());
            delivery.add(folder.sealed(file.file(), recovered.header(), recovered.root()));
        } catch (IOException | PerennialException e) {
            LOG.error("segment {} of an earlier run cannot be recovered", file.file(), e);
        }
    }

    void tick() {
        lanes.passHanging(System.nanoTime());
        List<Open> all;
        lock.lock();
        try {
            tell(false);
            long old = clock.millis() - settings.limits().segmentAgeMillis();
            for (String endpoint : List.copyOf(open.keySet())) {
                Open segment = open.get(endpoint);
                if (segment != null && segment.since <= old) {
                    rotate(endpoint);
                }
            }
            all = dirty ? new ArrayList<>(open.values()) : List.of();
            dirty = false;
        } finally {
            lock.unlock();
        }
        for (Open segment : all) {
            try {
                segment.writer.force();
            } catch (java.nio.channels.ClosedChannelException e) {
                LOG.trace("sealed meanwhile, hence forced");
            } catch (IOException e) {
                LOG.error("segment {} cannot be forced to the device", segment.file, e);
            }
        }
    }

    /** Seals everything; the lanes must still run. Delivers for so long at most. */
    public void drain(long millis) throws InterruptedException {
        timer.shutdown(); // never interrupted: an interrupt closes the file that it forces
        timer.awaitTermination(millis, TimeUnit.MILLISECONDS);
        rotateAll();
        lanes.drain(millis);
        delivery.drain(millis);
    }

    @Override
    public void close() {
        timer.shutdown();
        delivery.close();
        lock.lock();
        try {
            boolean written = relay == null || relay.end();
            for (Open segment : open.values()) {
                segment.writer.close();
            }
            if (written) { // otherwise the folder is this process's until that ends
                folder.close();
            }
        } catch (IOException e) {
            LOG.warn("closing the spool: {}", e.getMessage());
        } finally {
            lock.unlock();
        }
    }
}
