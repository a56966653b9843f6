package dev.perennial.predictionlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments of the first form, as the release before wrote them, and what the second form adds. */
class SegmentFormsTest {
    private static final List<LogColumn> COLUMNS =
            List.of(new LogColumn("distance", ColumnType.NUMBER), new LogColumn("carrier", ColumnType.CATEGORY));
    private static final SegmentHeader FIRST = new SegmentHeader("flight-delay", "s1", 17, 3, COLUMNS);
    private static final LogPolicy POLICY = new LogPolicy(LogPolicy.Inputs.ALL, 0.25, List.of("name"));
    private static final SegmentHeader SECOND = new SegmentHeader("flight-delay", "s1", 17, 3, COLUMNS, POLICY);
    private static final Tally TALLY = new Tally(29_000_000, "flight-delay/1", Role.CHAMPION, 300, 75, 2);

    private static final CallTally CALLS = new CallTally(
            29_000_000,
            "flight-delay/1",
            CallTally.Group.CONTROL,
            new CallTally.Counts(3, 30, 1, 0),
            CallTally.Times.of(120).plus(CallTally.Times.of(80)));

    @TempDir
    Path folder;

    private static byte[] checkedIn() throws IOException {
        try (InputStream in = SegmentFormsTest.class.getResourceAsStream("format-1.seg")) {
            return Objects.requireNonNull(in).readAllBytes();
        }
    }

    private static PredictionRecord champion(Kept kept) {
        var answer = new PredictionRecord.Answer("flight-delay/1", Role.CHAMPION, 0.25, true, 12);
        var features = new LoggedFeatures(COLUMNS, new double[] {733.5, 0}, new String[] {null, "UA"});
        return new PredictionRecord("UA-1", answer, 1000, 7_201_000, features, null, null, kept);
    }

    private Path written(SegmentHeader header, List<LogRecord> records, List<Tally> tallies) throws IOException {
        Path file = Files.createTempFile(folder, "segment", ".seg");
        Files.delete(file);
        try (SegmentWriter writer = SegmentWriter.create(file, header)) {
            writer.append(records);
            writer.tell(tallies);
            writer.seal();
        }
        return file;
    }

    @Test
    void rowsInColumnsAreTheSameBytesAsTheirRecords() throws IOException {
        List<LogColumn> columns = List.of(COLUMNS.get(0), COLUMNS.get(1), new LogColumn("delay", ColumnType.NUMBER));
        SegmentHeader header = new SegmentHeader("flight-delay", "s1", 17, 3, columns);
        double[][] numbers = {{733.5, Double.NaN, -0.0}, ChampionBatch.NONE, ChampionBatch.NONE};
        double[] scores = {0.25, 0.5, 1};
        List<String> ids = List.of("a", "b\u00e9", "");
        List<LogRecord> records = new ArrayList<>();
        for (int row = 0; row < scores.length; row++) {
            var answer = new PredictionRecord.Answer("flight-delay/1", Role.CHAMPION, scores[row], false, 130);
            double[] values = {numbers[0][row], 0, Double.NaN};
            var features = new LoggedFeatures(columns, values, new String[] {null, null, null});
            records.add(new PredictionRecord(ids.get(row), answer, 1000, 1000, features, null, null));
        }
        Path file = folder.resolve("columns.seg");
        try (SegmentWriter writer = SegmentWriter.create(file, header)) {
            writer.append(new ChampionBatch(ids, "flight-delay/1", 1000, 130, columns, numbers, scores));
            assertThat(writer.count()).isEqualTo(3);
            writer.seal();
        }
        assertThat(file).hasSameBinaryContentAs(written(header, records, List.of()));
    }

    @Test
    void aSegmentOfTheReleaseBeforeIsReadWhole() throws IOException {
        Segment segment = SegmentReader.read(checkedIn());
        assertThat(segment.sealed()).isTrue();
        assertThat(segment.count()).isEqualTo(4);
        assertThat(segment.header()).isEqualTo(FIRST);
        assertThat(segment.tallies()).isEmpty();
        List<LogRecord> records = new ArrayList<>();
        segment.forEach(records::add);
        assertThat(records.getFirst()).isEqualTo(champion(Kept.ALWAYS));
        assertThat(records).extracting(LogRecord::id).containsExactly("UA-1", "DL-2", "AA-3", "UA-1");
        assertThat(((PredictionRecord) records.get(1)).paired().score()).isEqualTo(0.75);
        assertThat(((PredictionRecord) records.get(2)).failure().error()).isEqualTo("column 'extra' is missing");
        assertThat(((PredictionRecord) records.get(2)).features().asMap())
                .isEqualTo(Map.of("distance", -1.0, "carrier", "Å"));
        assertThat(((ShadowRecord) records.get(3)).score()).isEqualTo(0.3);
    }

    @Test
    void whereEverythingIsLoggedItIsWrittenByteForByteAsBefore() throws IOException {
        List<LogRecord> records = new ArrayList<>();
        SegmentReader.read(checkedIn()).forEach(records::add);
        assertThat(written(FIRST, records, List.of())).hasBinaryContent(checkedIn());
    }

    @Test
    void aSampledRowKeepsItsProbabilityAndWhetherItWasDrawn() throws IOException {
        List<LogRecord> rows =
                List.of(champion(new Kept(0.25, true)), champion(new Kept(1, false)), champion(Kept.ALWAYS));
        Segment segment = SegmentReader.read(written(SECOND, rows, List.of()));
        assertThat(segment).containsExactlyElementsOf(rows);
        assertThat(segment.header().policy()).isEqualTo(POLICY);
    }

    @Test
    void talliesAreNoRecordsWhereverTheyStand() throws IOException {
        Path file = folder.resolve("mixed");
        Tally other = new Tally(29_000_001, "flight-delay/2", Role.CANARY, 1, 0, 0);
        try (SegmentWriter writer = SegmentWriter.create(file, SECOND)) {
            writer.tell(List.of(TALLY));
            writer.append(champion(Kept.ALWAYS));
            writer.tell(List.of(other, TALLY));
            writer.append(champion(new Kept(0.5, true)));
            writer.tell(List.of(other));
            assertThat(writer.count()).isEqualTo(2);
            writer.seal();
        }
        Segment segment = SegmentReader.read(file);
        assertThat(segment.sealed()).isTrue();
        assertThat(segment.count()).isEqualTo(2);
        assertThat(segment).hasSize(2);
        assertThat(segment.tallies()).containsExactly(TALLY, other, TALLY, other);
    }

    @Test
    void aSegmentMayHoldTalliesOnly() throws IOException {
        Segment segment = SegmentReader.read(written(SECOND, List.of(), List.of(TALLY)));
        assertThat(segment.count()).isZero();
        assertThat(segment).isEmpty();
        assertThat(segment.tallies()).containsExactly(TALLY);
    }

    @Test
    void talliesOfCallsAreReadAsTheyWereWrittenBesideAllElse() throws IOException {
        CallTally second = new CallTally(
                29_000_001,
                "flight-delay/2",
                CallTally.Group.CANDIDATE,
                new CallTally.Counts(7, 700_000_000_000L, 2, 1),
                CallTally.Times.NONE);
        Path file = folder.resolve("calls");
        try (SegmentWriter writer = SegmentWriter.create(file, FIRST)) {
            writer.tellCalls(List.of(CALLS));
            writer.append(champion(Kept.ALWAYS));
            writer.tell(List.of(TALLY));
            writer.tellCalls(List.of(second, CALLS));
            writer.seal();
        }
        Segment segment = SegmentReader.read(file);
        assertThat(segment.sealed()).isTrue();
        assertThat(segment.count()).as("tallies are no records").isOne();
        assertThat(segment).containsExactly(champion(Kept.ALWAYS));
        assertThat(segment.tallies()).containsExactly(TALLY);
        assertThat(segment.calls()).containsExactly(CALLS, second, CALLS);
    }

    @Test
    void talliesOfCallsAddUp() {
        CallTally both = CALLS.plus(CALLS);
        assertThat(both.counts()).isEqualTo(new CallTally.Counts(6, 60, 2, 0));
        assertThat(both.times().timed()).isEqualTo(4);
        assertThat(both.times().log()).isEqualTo(2 * CALLS.times().log());
        assertThat(both.minute()).isEqualTo(CALLS.minute());
        assertThat(CALLS.at(5).minute()).isEqualTo(5);
    }

    @Test
    void aCallThatTookNoTimeCountsAsAMicrosecond() {
        assertThat(CallTally.Times.of(0)).isEqualTo(new CallTally.Times(1, 0, 0));
    }

    @Test
    void aGroupOfCallsThatIsNoneIsRefused() throws IOException {
        Path file = folder.resolve("group");
        try (SegmentWriter writer = SegmentWriter.create(file, FIRST)) {
            writer.tellCalls(List.of(CALLS));
        }
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer frames = ByteBuffer.wrap(bytes);
        int at = Frames.MAGIC.length + Frames.PREFIX_BYTES + frames.getInt(Frames.MAGIC.length);
        int length = frames.getInt(at);
        bytes[at + Frames.PREFIX_BYTES + 1] = 3;
        CRC32C crc = new CRC32C();
        crc.update(bytes, at + Frames.PREFIX_BYTES, length);
        frames.putInt(at + Integer.BYTES, (int) crc.getValue());
        Segment segment = SegmentReader.read(bytes);
        assertThatThrownBy(segment::calls)
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("group 3");
    }

    @Test
    void aPairIsToldFromAShadow() throws IOException {
        var served = new PredictionRecord.Paired("flight-delay/2", 0.4);
        var pair = new ShadowRecord("UA-1", "flight-delay/1", 1, 2, 0.5, null, served, true);
        var failed = new ShadowRecord("UA-2", "flight-delay/1", 1, 2, Double.NaN, "broken", served, true);
        var shadow = new ShadowRecord("UA-1", "flight-delay/3", 1, 2, 0.5, null, served);
        List<LogRecord> records = List.of(pair, failed, shadow);
        assertThat(SegmentReader.read(written(FIRST, records, List.of()))).containsExactlyElementsOf(records);
        assertThat(shadow.pair()).isFalse();
    }

    @Test
    void aTornSegmentWithTalliesIsRecoveredUpToItsLastWholeFrame() throws IOException {
        byte[] whole = Files.readAllBytes(written(SECOND, List.of(champion(Kept.ALWAYS)), List.of(TALLY, TALLY)));
        Path file = folder.resolve("torn");
        int seal = 100;
        Files.write(file, Arrays.copyOf(whole, whole.length - seal));
        Segment recovered = SegmentWriter.recover(file);
        assertThat(recovered.sealed()).isTrue();
        assertThat(recovered.count()).isOne();
        assertThat(recovered.tallies()).containsExactly(TALLY);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.5, 1.5, Double.NaN})
    void aProbabilityThatIsNoneIsRefused(double probability) throws IOException {
        Segment segment =
                SegmentReader.read(written(SECOND, List.of(champion(new Kept(probability, true))), List.of()));
        assertThatThrownBy(() -> segment.iterator().next())
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("a probability of " + probability);
    }

    @Test
    void theDrawTakesTheShareAndWhoIsDrawnStaysDrawnAtALargerOne() {
        List<String> ids =
                IntStream.range(0, 100_000).mapToObj(i -> "2013-UA-" + i).toList();
        long tenth = ids.stream().filter(id -> Kept.drawn(id, 0.1)).count();
        assertThat(tenth).isBetween(9_600L, 10_400L); // four sigma
        assertThat(ids).filteredOn(id -> Kept.drawn(id, 0.1)).allMatch(id -> Kept.drawn(id, 0.11));
        assertThat(ids).allMatch(id -> Kept.drawn(id, 1)).noneMatch(id -> Kept.drawn(id, 0));
    }

    @Test
    void theDrawIsTheSameEverywhere() {
        assertThat(IntStream.range(0, 20).filter(i -> Kept.drawn("k" + i, 0.3))).containsExactly(3, 5, 10, 13, 18);
    }
}
