package dev.perennial.scorer.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.predictionlog.LogPolicy;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Segment;
import dev.perennial.predictionlog.ShadowRecord;
import dev.perennial.predictionlog.Tally;
import dev.perennial.scorer.Lanes;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.config.ServerLink;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The prediction log on a disk that hangs: no answer waits, and every row is in the log or counted. */
@Timeout(120)
class HangingDiskTest {
    private static final Spool.Form FORM = new Spool.Form(List.of(), null);

    @TempDir
    Path folder;

    private final HangingDisk disk = new HangingDisk();
    private final Metrics metrics = new Metrics();
    private final List<Spool> spools = new ArrayList<>();
    private Vertx vertx;
    private Lanes lanes;

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(folder.resolve("memory"));
        vertx = Vertx.vertx();
        lanes = new Lanes(100);
    }

    @AfterEach
    void stop() {
        disk.hang(false);
        spools.forEach(Spool::close);
        lanes.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private Spool spool(Disk on) throws IOException {
        ScorerSettings settings = ScorerSettings.parse(
                "--server",
                "http://127.0.0.1:1",
                "--id",
                "s1",
                "--spool",
                folder.resolve("spool").toString(),
                "--blobs",
                folder.resolve("blobs").toString(),
                "--token-file",
                folder.resolve("token").toString(),
                "--log-memory",
                "65536");
        ServerLink link = ServerLink.of(vertx, settings);
        Spool spool = new Spool(
                settings,
                () -> Instant.ofEpochMilli(60_000),
                link,
                lanes,
                metrics,
                new SplittableRandom(1),
                on,
                folder.resolve("memory"));
        spools.add(spool);
        return spool;
    }

    private static List<LogRecord> rows(String id, int count) {
        List<LogRecord> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(new ShadowRecord(id + "-" + i, "m/2", 10, 10, 0.5, null, new PredictionRecord.Paired("m/1", 0.4)));
        }
        return rows;
    }

    /** What the next run finds, sealed or open. */
    private List<Segment> left() throws IOException {
        try (SpoolFolder found = SpoolFolder.open(
                folder.resolve("spool"),
                folder.resolve("memory"),
                () -> Instant.ofEpochMilli(60_000),
                new SplittableRandom(2),
                false)) {
            return found.left().stream().map(SpoolFolder.Left::segment).toList();
        }
    }

    private static List<String> ids(List<Segment> segments) {
        List<String> ids = new ArrayList<>();
        segments.forEach(segment -> segment.forEach(record -> ids.add(record.id())));
        return ids;
    }

    @Test
    void rowsAreTakenWithoutTheDiskAndAreThereWhenItIsBack() throws Exception {
        Spool spool = spool(disk);
        disk.hang(true);
        for (int i = 0; i < 20; i++) {
            assertThat(spool.append("m", FORM, rows("a" + i, 10))).isTrue();
        }
        assertThat(folder.resolve("spool/segments")).isEmptyDirectory();
        assertThat(spool.problem()).isEmpty();
        disk.hang(false);
        spool.close();
        assertThat(ids(left())).hasSize(200).doesNotHaveDuplicates();
    }

    @Test
    void beyondTheMemoryRowsAreCountedExactlyAndSaidInHealth() throws Exception {
        Spool spool = spool(disk);
        disk.hang(true);
        int logged = 0;
        boolean taken = true;
        for (int i = 0; taken; i++) {
            taken = spool.append("m", FORM, rows("a" + i, 10));
            logged += taken ? 10 : 0;
        }
        assertThat(logged).isBetween(100, 5_000);
        assertThat(spool.problem()).startsWith("the log cannot be written: ").contains("the disk does not keep up");
        assertThat(metrics.counter("perennial_scorer_log_lost_records_total").sum())
                .isEqualTo(10);
        disk.hang(false);
        spool.close();
        assertThat(ids(left())).hasSize(logged);
    }

    @Test
    void requestsThatFailedMeanwhileAreToldOnceTheDiskIsBack() throws Exception {
        Spool spool = spool(disk);
        disk.hang(true);
        assertThat(spool.append("m", FORM, rows("a", 1))).isTrue();
        spool.failed("m", "m/1");
        spool.failed("m", "m/1");
        spool.tell(true);
        disk.hang(false);
        spool.close();
        assertThat(left().stream().flatMap(segment -> segment.tallies().stream()))
                .extracting(Tally::minute, Tally::version, Tally::errors)
                .containsExactly(org.assertj.core.api.Assertions.tuple(1L, "m/1", 2L));
    }

    @Test
    void aProcessThatIsKilledWhileTheDiskHangsLosesNothing() throws Exception {
        Spool killed = spool(disk);
        assertThat(killed.append("m", FORM, rows("before", 3))).isTrue();
        disk.hang(true);
        assertThat(killed.append("m", FORM, rows("while", 4))).isTrue();
        disk.awaitSomebody();
        Path copy = folder.resolve("copy");
        copy(folder.resolve("memory"), copy.resolve("memory"));
        copy(folder.resolve("spool"), copy.resolve("spool"));
        try (SpoolFolder found = SpoolFolder.open(
                copy.resolve("spool"),
                copy.resolve("memory"),
                () -> Instant.ofEpochMilli(60_000),
                new SplittableRandom(2),
                false)) {
            assertThat(ids(found.left().stream().map(SpoolFolder.Left::segment).toList()))
                    .containsExactly("before-0", "before-1", "before-2", "while-0", "while-1", "while-2", "while-3");
        }
        assertThat(copy.resolve("memory")).isEmptyDirectory();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.write(target, Files.readAllBytes(file));
                }
            }
        }
    }

    @Test
    void withAnotherPolicyAnotherSegmentIsBegunWithoutTheDiskToo() throws Exception {
        Spool spool = spool(disk);
        disk.hang(true);
        LogPolicy policy = new LogPolicy(LogPolicy.Inputs.OUTPUTS, 1, List.of());
        assertThat(spool.append("m", FORM, rows("a", 1))).isTrue();
        assertThat(spool.append("m", new Spool.Form(List.of(), policy), rows("b", 1)))
                .isTrue();
        disk.hang(false);
        spool.close();
        assertThat(ids(left())).containsExactly("a-0", "b-0");
    }
}
