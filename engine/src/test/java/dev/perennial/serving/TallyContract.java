package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ModelId;
import dev.perennial.predictionlog.LogPolicy;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.SegmentHeader;
import dev.perennial.predictionlog.SegmentReader;
import dev.perennial.predictionlog.SegmentWriter;
import dev.perennial.predictionlog.Tally;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server keeps of rows that are in no log, on every database. */
abstract class TallyContract {
    private static final ModelId MODEL = ModelId.parse("parcels");
    private static final Tally FIRST = new Tally(5, "parcels/1", Role.CHAMPION, 100, 10, 1);
    private static final Tally SECOND = new Tally(5, "parcels/1", Role.CHAMPION, 7, 7, 0);
    private static final Tally CANARY = new Tally(6, "parcels/2", Role.CANARY, 3, 3, 2);

    @TempDir
    Path folder;

    private final TestClock clock = TestClock.fixed();
    private Store store;
    private PredictionLog log;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        store = Store.open(storage(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        log = new PredictionLog(store.database(), store.blobs(), clock);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void deliver(String scorer, long number, Tally... tallies) throws IOException {
        Path file = folder.resolve(scorer + "-" + number);
        LogPolicy policy = new LogPolicy(LogPolicy.Inputs.NONE, 1, List.of());
        SegmentHeader header = new SegmentHeader(MODEL.toString(), scorer, 17, number, List.of(), policy);
        try (SegmentWriter writer = SegmentWriter.create(file, header)) {
            writer.tell(List.of(tallies));
            writer.seal();
        }
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file);
        log.accept(scorer, bytes, SegmentReader.read(bytes).root().hex());
    }

    @Test
    void talliesOfAMinuteAddUpWithinASegmentAndOverSegmentsAndScorers() throws IOException {
        deliver("s1", 1, FIRST, SECOND);
        deliver("s1", 2, SECOND, CANARY);
        deliver("s2", 1, SECOND);
        assertThat(log.tallies(MODEL, 0, 600_000))
                .containsExactly(new Tally(5, "parcels/1", Role.CHAMPION, 121, 31, 1), CANARY);
    }

    @Test
    void aSegmentThatIsDeliveredTwiceCountsOnce() throws IOException {
        deliver("s1", 1, FIRST);
        deliver("s1", 1, FIRST);
        assertThat(log.tallies(MODEL, 0, 600_000)).containsExactly(FIRST);
    }

    @Test
    void minutesAreThoseThatBeginWithinTheTimeAsked() throws IOException {
        deliver("s1", 1, FIRST, CANARY);
        assertThat(log.tallies(MODEL, 300_000, 360_000)).containsExactly(FIRST);
        assertThat(log.tallies(MODEL, 300_001, 360_001)).containsExactly(CANARY);
        assertThat(log.tallies(MODEL, 0, 300_000)).isEmpty();
    }

    @Test
    void minutesAreAddedUpAsWanted() throws IOException {
        Tally later = new Tally(9, "parcels/1", Role.CHAMPION, 1, 0, 0);
        deliver("s1", 1, FIRST, CANARY, later);
        assertThat(log.tallies(MODEL, 0, 600_000, 5))
                .containsExactly(
                        new Tally(5, "parcels/1", Role.CHAMPION, 101, 10, 1),
                        new Tally(5, "parcels/2", Role.CANARY, 3, 3, 2));
        assertThat(log.tallies(MODEL, 0, 600_000, 60)).extracting(Tally::minute).containsOnly(0L);
    }

    @Test
    void otherModelsHaveTalliesOfTheirOwn() throws IOException {
        deliver("s1", 1, FIRST);
        assertThat(log.tallies(ModelId.parse("letters"), 0, 600_000)).isEmpty();
    }

    @Test
    void aSegmentOfTalliesHoldsNoRows() throws IOException {
        deliver("s1", 1, FIRST);
        assertThat(log.count(MODEL)).isZero();
        log.between(MODEL, 0, Long.MAX_VALUE, record -> {
            throw new AssertionError("a record " + record);
        });
    }
}
