package dev.perennial.monitoring;

import dev.perennial.data.Profile;
import dev.perennial.events.EventLog;
import dev.perennial.kernel.ModelId;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.LifecycleParser;
import dev.perennial.monitoring.atoms.Reference;
import dev.perennial.monitoring.atoms.ServedRules;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.predictionlog.LogColumn;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.SegmentHeader;
import dev.perennial.predictionlog.SegmentWriter;
import dev.perennial.serving.Label;
import dev.perennial.serving.Labels;
import dev.perennial.serving.PredictionLog;
import dev.perennial.statistics.Bins;
import dev.perennial.statistics.NumericState;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The monitoring room on one dialect, with days of served rows and outcomes that a test makes up. */
abstract class MonitoringFixture {
    static final ModelId MODEL = ModelId.parse("flight-delay");
    static final ZoneId ZONE = ZoneId.of("America/New_York");
    static final LocalDate FIRST = LocalDate.of(2013, 10, 1);
    static final List<LogColumn> COLUMNS =
            List.of(new LogColumn("temp_f", ColumnType.NUMBER), new LogColumn("carrier", ColumnType.CATEGORY));
    private static final int ROWS = 60;

    @TempDir
    Path folder;

    final TestClock clock = TestClock.at("2013-12-01T12:00:00Z");
    private @Nullable StoreSettings settings;
    Store store;
    EventLog events;
    PredictionLog log;
    Labels labels;
    References references;
    DayBook book;
    Performances performances;
    SourceArrivals arrivals;
    Alerts alerts;
    Monitoring monitoring;
    private long segments;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        settings = settings == null ? storage(folder) : settings;
        store = Store.open(settings, clock, SeededIds.of(1, clock), new SecureRandom());
        var database = store.database();
        events = new EventLog(database, clock);
        log = new PredictionLog(database, store.blobs(), clock);
        labels = new Labels(database, store.blobs(), clock);
        references = new References(database);
        book = new DayBook(database, log, labels, references, clock);
        performances = new Performances(database, book);
        arrivals = new SourceArrivals(database);
        alerts = new Alerts(database, events, clock, SeededIds.of(2, clock));
        monitoring = new Monitoring(database, book, performances, references, arrivals, alerts);
    }

    @AfterEach
    void close() {
        events.close();
        store.close();
    }

    /** Another process on the same data: nothing in memory is left. */
    void restart() {
        close();
        open();
    }

    static long start(LocalDate day) {
        return day.atStartOfDay(ZONE).toInstant().toEpochMilli();
    }

    /** The file of the flights example; changed as a test needs it. */
    static LifecycleFile file(String... replaced) {
        Path base = Path.of(Objects.requireNonNull(System.getProperty("perennial.root")), "examples", "flight-delay");
        try {
            String text = Files.readString(base.resolve("lifecycle.yaml"));
            for (int i = 0; i < replaced.length; i += 2) {
                text = text.replace(replaced[i], replaced[i + 1]);
            }
            return LifecycleParser.parse(text, base).file().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ninety days of winter: cold, three carriers. */
    void anchor() {
        Random random = new Random(1);
        double[] cold = DoubleStream.generate(() -> 35 + 8 * random.nextGaussian())
                .limit(90 * ROWS)
                .toArray();
        Bins bins = Bins.anchored(cold);
        NumericState state = NumericState.of(bins, cold);
        Profile.Column temperature = new Profile.Column(
                Profile.Column.NUMBER,
                cold.length,
                0,
                state.moments().mean(),
                state.moments().m2(),
                state.moments().min(),
                state.moments().max(),
                cold.length,
                DoubleStream.of(bins.edges()).boxed().toList(),
                LongStream.of(state.counts()).boxed().toList(),
                null,
                0);
        Map<String, Long> carriers = Map.of("AA", 1_800L, "UA", 1_800L, "B6", 1_800L);
        Profile.Column carrier = new Profile.Column(
                Profile.Column.CATEGORY, 5_400, 0, null, null, null, null, 3, null, null, carriers, 0);
        Reference reference =
                new Reference("winter", new Profile(Map.of("temp_f", temperature, "carrier", carrier)), 90, 90);
        store.database().writing(tx -> references.anchor(tx, MODEL, clock.millis(), reference, ServedRules.of(file())));
    }

    static String id(LocalDate day, int row) {
        return day + "/" + row;
    }

    static PredictionRecord answer(LocalDate day, int row, double score, @Nullable Double temperature) {
        return answer(id(day, row), "flight-delay/1", Role.CHAMPION, score, start(day) + row, temperature, null, null);
    }

    static PredictionRecord answer(
            String id,
            String version,
            Role role,
            double score,
            long eventTime,
            @Nullable Double temperature,
            PredictionRecord.@Nullable Paired paired,
            PredictionRecord.@Nullable Failure failure) {
        LoggedFeatures features = new LoggedFeatures(
                COLUMNS,
                new double[] {temperature == null ? Double.NaN : temperature, 0},
                new @Nullable String[] {null, "AA"});
        return new PredictionRecord(
                id,
                new PredictionRecord.Answer(version, role, score, false, 10),
                eventTime - 1,
                eventTime,
                features,
                paired,
                failure);
    }

    /** Sixty answers of a day: three of ten are late, and the scores know something of it. */
    void serve(LocalDate day, double bias, @Nullable Double temperature) {
        Random random = new Random(day.toEpochDay());
        List<LogRecord> records = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            double score = Math.clamp((late(row) ? 0.42 : 0.25) + 0.05 * random.nextGaussian() + bias, 0.01, 0.99);
            Double seen = temperature == null ? null : temperature + 8 * random.nextGaussian();
            records.add(answer(day, row, score, seen));
        }
        deliver(records);
    }

    static boolean late(int row) {
        return row % 10 < 3;
    }

    /** Delivers records as one sealed segment. */
    void deliver(List<LogRecord> records) {
        long number = ++segments;
        Path file = folder.resolve("segment-" + number);
        SegmentHeader header = new SegmentHeader(MODEL.toString(), "s1", clock.millis(), number, COLUMNS);
        try (SegmentWriter writer = SegmentWriter.create(file, header)) {
            writer.append(records);
            String root = writer.seal().hex();
            log.accept(Files.readAllBytes(file), root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Outcomes of the rows {@code [from, to)} of a day. */
    void outcomes(LocalDate day, int from, int to) {
        List<Label> batch = new ArrayList<>();
        for (int row = from; row < to; row++) {
            batch.add(new Label(id(day, row), late(row) ? 1 : 0, start(day) + row, start(day) + 86_400_000L));
        }
        labels.accept(MODEL, batch, clock.millis());
    }

    /** Sound days with all outcomes, closed. */
    void soundDays(int count) {
        for (int i = 0; i < count; i++) {
            serve(FIRST.plusDays(i), 0, 35.0);
            outcomes(FIRST.plusDays(i), 0, ROWS);
        }
        book.close(MODEL, ZONE, FIRST, FIRST.plusDays(count - 1L));
    }
}
