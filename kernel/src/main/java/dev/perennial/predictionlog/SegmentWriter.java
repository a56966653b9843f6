package dev.perennial.predictionlog;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Appends records to one segment file. When {@link #append} returns, the bytes are with the operating system: the death of this process
 * loses nothing; the death of the machine loses at most what {@link #force} has not covered. One append is one write, whatever the
 * number of records. What a failed append wrote is cut off again. Not thread-safe.
 */
public final class SegmentWriter implements AutoCloseable {
    private final SegmentSink sink;
    private final SegmentHeader header;
    private final FrameEncoder encoder = new FrameEncoder();
    private final Path file;
    private long size;
    private int records;
    private int tallies;

    private SegmentWriter(Path file, SegmentSink sink, SegmentHeader header) {
        this.file = file;
        this.sink = sink;
        this.header = header;
    }

    /** Starts a new file; it must not exist. */
    public static SegmentWriter create(Path file, SegmentHeader header) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return create(file, header, new FileSink(channel, 0));
    }

    /**
     * Starts a new file whose bytes go by a way of their own.
     *
     * @param sink of that file; closed with this writer
     */
    public static SegmentWriter create(Path file, SegmentHeader header, SegmentSink sink) throws IOException {
        SegmentWriter writer = new SegmentWriter(file, sink, header);
        writer.encoder.magic();
        writer.encoder.frame(Frames.HEADER, Json.canonical(header).getBytes(StandardCharsets.UTF_8));
        try {
            writer.write();
        } catch (IOException e) {
            sink.close();
            throw e;
        }
        return writer;
    }

    /**
     * Ends a file whose writer died: cuts the torn tail and seals it. A sealed file stays as it is, so doing it again changes nothing.
     */
    public static Segment recover(Path file) throws IOException {
        Segment found = SegmentReader.read(file);
        if (found.sealed()) {
            return found;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(found.validBytes());
            SegmentWriter writer = new SegmentWriter(file, new FileSink(channel, found.validBytes()), found.header());
            writer.size = found.validBytes();
            writer.writeSeal(found);
        }
        return SegmentReader.read(file);
    }

    public SegmentHeader header() {
        return header;
    }

    public long sizeBytes() {
        return size;
    }

    public int count() {
        return records;
    }

    /** Writes the records as one unit; each must have the columns of the header. */
    public void append(List<? extends LogRecord> batch) throws IOException {
        encoder.clear();
        for (LogRecord record : batch) {
            encoder.record(record);
        }
        write();
        records += batch.size();
    }

    /** Writes rows as one unit; they must have the columns of the header. */
    public void append(ChampionBatch batch) throws IOException {
        encoder.clear();
        encoder.batch(batch);
        write();
        records += batch.rows();
    }

    public void append(LogRecord record) throws IOException {
        encoder.clear();
        encoder.record(record);
        write();
        records++;
    }

    /** Writes tallies as one unit. */
    public void tell(List<Tally> told) throws IOException {
        encoder.clear();
        told.forEach(encoder::tally);
        write();
        tallies += told.size();
    }

    /** Writes tallies of calls as one unit; for servers that ask for them. */
    public void tellCalls(List<CallTally> told) throws IOException {
        encoder.clear();
        told.forEach(encoder::calls);
        write();
        tallies += told.size();
    }

    /** Waits until everything appended so far is on the device. */
    public void force() throws IOException {
        sink.force();
    }

    /** Ends the segment with its Merkle root, forces it to the device and closes it. */
    public Digest seal() throws IOException {
        return seal(() -> {});
    }

    /**
     * The same little by little: hashing a large segment takes milliseconds of a processor.
     *
     * @param pause called every now and then meanwhile
     */
    public Digest seal(Runnable pause) throws IOException {
        try (sink) {
            sink.settle();
            Segment written = SegmentReader.read(file, pause);
            if (written.leaves() != records + tallies) {
                throw new UncheckedIOException(new IOException("segment " + file + " holds " + written.leaves()
                        + " records where " + (records + tallies) + " were written"));
            }
            writeSeal(written);
            return written.root();
        }
    }

    /** Closes the file as it is, unsealed. */
    @Override
    public void close() throws IOException {
        sink.close();
    }

    private void writeSeal(Segment written) throws IOException {
        encoder.clear();
        encoder.frame(Frames.SEAL, SegmentReader.sealPayload(written.leaves(), written.root()));
        write();
        sink.force();
    }

    private void write() throws IOException {
        sink.write(encoder.bytes(), encoder.size());
        size += encoder.size();
        encoder.clear();
    }
}
