package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.Tally;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scorer whose server is away: it serves, spools within its bound, says so, and delivers or counts every row once. */
class CutOffIT {
    private static final long HOUR_MINUTES = 60;
    private static final int ROWS = 20;
    private static final long PAUSE_MILLIS = 10;

    @TempDir
    Path folder;

    private final AtomicLong now = new AtomicLong(1_800_000_000_000L);
    private final InstantSource clock = () -> Instant.ofEpochMilli(now.get());
    private final List<String> answered = new ArrayList<>();
    private ControlServer server;
    private Models models;
    private ScorerProcess scorer;
    private Caller caller;

    @BeforeEach
    void start() throws IOException {
        server = new ControlServer();
        models = new Models(folder.resolve("blobs"));
    }

    @AfterEach
    void stop() {
        assertThat(server.violations()).isEmpty();
        caller.close();
        scorer.close();
        server.close();
    }

    private void scorer(long spoolBytes) throws Exception {
        scorer = server.scorer(folder, clock, "--spool-bytes", Long.toString(spoolBytes), "--segment-bytes", "8192");
        caller = new Caller(scorer.url());
        server.apply(1, config(1, 0));
    }

    private String config(long revision, long flush) throws IOException {
        return Models.config(
                revision, flush, "null", Models.variant("m/1", "champion", 10_000, models.model(0.25, "x", "c")));
    }

    private void predict(int minute) throws IOException, InterruptedException {
        String[] ids = new String[ROWS];
        for (int i = 0; i < ROWS; i++) {
            ids[i] = "minute-" + minute + "-row-" + i;
        }
        caller.predict(ids);
        answered.addAll(List.of(ids));
    }

    /** One hour by the scorer's clock; after each minute its timer has seen the clock. */
    private void hour() throws Exception {
        for (int minute = 0; minute < HOUR_MINUTES; minute++) {
            predict(minute);
            now.addAndGet(TimeUnit.MINUTES.toMillis(1));
        }
    }

    private void back() throws Exception {
        server.start();
        server.configure(2, config(2, 1));
        server.awaitFlush(1);
    }

    private long gauge(String name) throws Exception {
        return Long.parseLong(caller.get("/metrics").text().replaceAll("(?s).*\n" + name + "\\{} (\\d+).*", "$1"));
    }

    private Set<String> delivered() {
        List<String> ids = server.records().stream().map(LogRecord::id).toList();
        assertThat(ids).as("none twice").doesNotHaveDuplicates();
        return new HashSet<>(ids);
    }

    @Test
    void anHourThatFitsIntoTheSpoolIsDeliveredWholeAndOnce() throws Exception {
        scorer(8 << 20);
        server.stop();
        hour();
        assertThat(gauge("perennial_scorer_spool_bytes")).isPositive();
        assertThat(gauge("perennial_scorer_log_lost_records_total")).isZero();
        assertThat(gauge("perennial_scorer_delivery_failures_total")).isPositive();
        assertThat(caller.get("/healthz").json().get("server").asText()).isEqualTo("away");
        back();
        assertThat(delivered()).isEqualTo(Set.copyOf(answered));
        assertThat(gauge("perennial_scorer_spool_bytes")).isZero();
    }

    @Test
    void beyondTheBoundRowsAreCountedExactlyMinuteByMinute() throws Exception {
        scorer(20_000);
        server.stop();
        hour();
        assertThat(gauge("perennial_scorer_log_lost_records_total")).isPositive();
        assertThat(gauge("perennial_scorer_spool_bytes"))
                .as("a batch and the tallies beyond it")
                .isLessThan(60_000);
        assertThat(caller.get("/healthz").json().get("log").asText()).contains("its limit is 20000");
        back();
        Set<String> delivered = delivered();
        List<Tally> tallies = server.segments().stream()
                .flatMap(segment -> segment.tallies().stream())
                .toList();
        long missing = tallies.stream()
                .mapToLong(tally -> tally.rows() - tally.logged())
                .sum();
        assertThat(delivered.size() + missing).isEqualTo(answered.size());
        assertThat(tallies.stream().map(Tally::minute).distinct().count()).isGreaterThan(30);
        assertThat(tallies).allSatisfy(tally -> assertThat(tally.rows()).isLessThanOrEqualTo(ROWS));
    }

    @Test
    void afterTheBoundWasReachedAndTheServerCameBackRowsAreLoggedAgain() throws Exception {
        scorer(20_000);
        server.stop();
        hour();
        back();
        predict(1_000);
        server.configure(3, config(3, 2));
        server.awaitFlush(2);
        assertThat(delivered()).contains("minute-1000-row-0");
        assertThat(caller.get("/healthz").json().get("log").asText()).isEqualTo("ok");
    }

    @Test
    void whatWaitsIsDeliveredByTheNextRunOnce() throws Exception {
        scorer(8 << 20);
        server.stop();
        hour();
        scorer.close();
        caller.close();
        scorer = server.scorer(folder, clock);
        caller = new Caller(scorer.url());
        assertThat(caller.predict("after").size())
                .as("from the configuration that it kept")
                .isOne();
        answered.add("after");
        back();
        assertThat(delivered()).isEqualTo(Set.copyOf(answered));
    }

    @Test
    @Tag("long")
    void aRealMinuteWithoutTheServerLosesNothing() throws Exception {
        scorer(64 << 20);
        server.stop();
        AtomicInteger batches = new AtomicInteger();
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
            Future<?> asking = timer.scheduleAtFixedRate(
                    () -> asked(batches.getAndIncrement()), 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            assertThatThrownBy(() -> asking.get(1, TimeUnit.MINUTES)).isInstanceOf(TimeoutException.class);
            asking.cancel(false);
        }
        assertThat(gauge("perennial_scorer_server_silent_seconds")).isGreaterThanOrEqualTo(30);
        back();
        assertThat(delivered()).isEqualTo(Set.copyOf(answered));
    }

    private void asked(int batch) {
        try {
            predict(batch);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
