package dev.perennial.predictionlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentTest {
    private static final List<LogColumn> COLUMNS = List.of(
            new LogColumn("carrier", ColumnType.CATEGORY),
            new LogColumn("temp_f", ColumnType.NUMBER),
            new LogColumn("dest", ColumnType.CATEGORY),
            new LogColumn("wind", ColumnType.NUMBER));
    private static final SegmentHeader HEADER = new SegmentHeader("flight-delay@spring", "s1", 17, 3, COLUMNS);

    @TempDir
    Path folder;

    @Test
    void whatWasWrittenIsRead() throws IOException {
        List<LogRecord> records = records(new Random(1), 200);
        Path file = folder.resolve("a.open");
        try (SegmentWriter writer = SegmentWriter.create(file, HEADER)) {
            writer.append(records.subList(0, 120));
            for (LogRecord record : records.subList(120, 200)) {
                writer.append(record);
            }
            assertThat(writer.sizeBytes()).isEqualTo(Files.size(file));
            assertThat(writer.seal()).isEqualTo(SegmentReader.read(file).root());
        }

        Segment segment = SegmentReader.read(file);

        assertThat(segment.header()).isEqualTo(HEADER);
        assertThat(segment.sealed()).isTrue();
        assertThat(segment.count()).isEqualTo(200);
        assertThat(segment).containsExactlyElementsOf(records);
    }

    @Test
    void truncationAtEveryByteLeavesAPrefixOfTheRecordsAndIsNeverSealed() throws IOException {
        List<LogRecord> records = records(new Random(2), 30);
        byte[] whole = sealed(records);
        int header = headerEnd(whole);
        int last = 0;
        for (int length = header; length < whole.length; length++) {
            Segment segment = SegmentReader.read(Arrays.copyOf(whole, length));
            List<LogRecord> read = new ArrayList<>();
            segment.forEach(read::add);
            assertThat(segment.sealed()).isFalse();
            assertThat(read).isEqualTo(records.subList(0, read.size()));
            assertThat(read.size()).isGreaterThanOrEqualTo(last);
            last = read.size();
        }
        assertThat(last).isEqualTo(30);
        for (int length = 0; length < header; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> SegmentReader.read(cut)).isInstanceOf(PerennialException.class);
        }
    }

    @Test
    void anyChangedByteOfASealedSegmentIsNoticed() throws IOException {
        byte[] whole = sealed(records(new Random(3), 12));
        Random random = new Random(4);
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= (byte) (1 << random.nextInt(8));
            assertThat(acceptedAsSealed(changed)).as("byte %d", at).isFalse();
        }
    }

    @Test
    void aTornFileIsCutAndSealedOnceAndStaysTheSame() throws IOException {
        List<LogRecord> records = records(new Random(5), 20);
        byte[] whole = sealed(records);
        for (int length = headerEnd(whole); length <= whole.length; length += 13) {
            Path file = folder.resolve("torn-" + length);
            Files.write(file, Arrays.copyOf(whole, length));
            Segment first = SegmentWriter.recover(file);
            byte[] bytes = Files.readAllBytes(file);
            Segment second = SegmentWriter.recover(file);
            assertThat(first.sealed()).isTrue();
            assertThat(second.root()).isEqualTo(first.root());
            assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        }
    }

    @Test
    void zeroesBehindTheLastFrameAreATornTail() throws IOException {
        List<LogRecord> records = records(new Random(6), 5);
        Path file = folder.resolve("zeroes");
        try (SegmentWriter writer = SegmentWriter.create(file, HEADER)) {
            writer.append(records);
        }
        byte[] bytes = Files.readAllBytes(file);

        Segment segment = SegmentReader.read(Arrays.copyOf(bytes, bytes.length + 4096));

        assertThat(segment.count()).isEqualTo(5);
        assertThat(segment.validBytes()).isEqualTo(bytes.length);
    }

    @Test
    void rootIsTheTreeHashOfRfc6962() {
        MerkleRoot root = new MerkleRoot();
        assertThat(root.root().hex()).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        byte[][] leaves = {
            {},
            {0x00},
            {0x10},
            {0x20, 0x21},
            {0x30, 0x31},
            {0x40, 0x41, 0x42, 0x43},
            {0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57}
        };
        String[] expected = {
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
        };
        for (int i = 0; i < leaves.length; i++) {
            root.add(leaves[i], 0, leaves[i].length);
            assertThat(root.root().hex()).as("%d leaves", i + 1).isEqualTo(expected[i]);
        }
    }

    @Test
    void sealingPausesOnceAStepAndNeverForAShortSegment() throws IOException {
        assertThat(pauses(20)).isZero();
        List<LogRecord> records = records(new Random(2), 3_000);
        long steps = sealed(records).length / SegmentReader.STEP_BYTES;
        assertThat(steps).isGreaterThan(2);
        assertThat(pauses(3_000)).isBetween(steps - 1, steps);
    }

    private long pauses(int size) throws IOException {
        Path file = folder.resolve(size + ".open");
        AtomicLong pauses = new AtomicLong();
        try (SegmentWriter writer = SegmentWriter.create(file, HEADER)) {
            writer.append(records(new Random(2), size));
            assertThat(writer.seal(pauses::incrementAndGet))
                    .isEqualTo(SegmentReader.read(file).root());
        }
        return pauses.get();
    }

    private byte[] sealed(List<LogRecord> records) throws IOException {
        Path file = Files.createTempFile(folder, "s", ".seg");
        Files.delete(file);
        try (SegmentWriter writer = SegmentWriter.create(file, HEADER)) {
            writer.append(records);
            writer.seal();
        }
        return Files.readAllBytes(file);
    }

    private int headerEnd(byte[] whole) {
        return Frames.MAGIC.length
                + Frames.PREFIX_BYTES
                + java.nio.ByteBuffer.wrap(whole).getInt(Frames.MAGIC.length);
    }

    private static boolean acceptedAsSealed(byte[] bytes) {
        try {
            return SegmentReader.read(bytes).sealed();
        } catch (PerennialException e) {
            return false;
        }
    }

    private static List<LogRecord> records(Random random, int count) {
        List<LogRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = 1_363_000_000_000L + random.nextInt();
            String id = "2013-ü-" + i;
            var paired = random.nextBoolean() ? new PredictionRecord.Paired("m/1", random.nextDouble()) : null;
            if (random.nextInt(4) == 0) {
                String error = random.nextBoolean() ? "ONNX says no" : null;
                double score = error == null ? random.nextDouble() : Double.NaN;
                records.add(new ShadowRecord(
                        id, "m/3", at, at + 7, score, error, new PredictionRecord.Paired("m/1", 0.25)));
            } else {
                Role role = Role.values()[random.nextInt(3)];
                var answer = new PredictionRecord.Answer(
                        "m/2", role, random.nextDouble(), random.nextBoolean(), random.nextInt(1 << 20));
                var failure = role == Role.FALLBACK ? new PredictionRecord.Failure("m/3", "a\nb") : null;
                records.add(new PredictionRecord(id, answer, at, at + 7_200_000, features(random), paired, failure));
            }
        }
        return records;
    }

    private static LoggedFeatures features(Random random) {
        double[] numbers = new double[COLUMNS.size()];
        @Nullable String[] texts = new @Nullable String[COLUMNS.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (COLUMNS.get(i).type() == ColumnType.CATEGORY) {
                texts[i] = random.nextInt(5) == 0 ? null : "c" + random.nextInt(9);
            } else {
                numbers[i] = random.nextInt(5) == 0 ? Double.NaN : random.nextGaussian();
            }
        }
        return new LoggedFeatures(COLUMNS, numbers, texts);
    }
}
