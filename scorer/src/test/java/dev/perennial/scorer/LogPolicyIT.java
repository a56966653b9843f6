package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.predictionlog.Kept;
import dev.perennial.predictionlog.LogColumn;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.Segment;
import dev.perennial.predictionlog.Tally;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a whole scorer logs and delivers under the log policy of its endpoint. */
class LogPolicyIT {
    private static final String[] IDS =
            IntStream.range(0, 400).mapToObj(i -> "k" + i).toArray(String[]::new);

    @TempDir
    Path folder;

    private ControlServer server;
    private Models models;
    private ScorerProcess scorer;
    private Caller caller;
    private long revision;

    @BeforeEach
    void start() throws IOException {
        server = new ControlServer();
        models = new Models(folder.resolve("blobs"));
        scorer = server.scorer(folder);
        caller = new Caller(scorer.url());
    }

    @AfterEach
    void stop() {
        assertThat(server.violations()).isEmpty();
        caller.close();
        scorer.close();
        server.close();
    }

    private String config(long flush, String log, String... others) throws IOException {
        revision++;
        String[] variants = Stream.concat(
                        Stream.of(Models.variant("m/1", "champion", 10_000, models.model(0.25, "x", "c"))),
                        Stream.of(others))
                .toArray(String[]::new);
        return Models.config(revision, flush, "null", variants).replace("\"live\":true", "\"log\":" + log);
    }

    /** Answers all ids under a policy and waits until what is logged of it was delivered. */
    private void answered(String log, String... others) throws Exception {
        String first = config(0, log, others);
        server.apply(revision, first);
        caller.predict(IDS);
        String second = config(1, log, others);
        server.configure(revision, second);
        server.awaitFlush(1);
    }

    private List<PredictionRecord> records() {
        return server.records().stream().map(PredictionRecord.class::cast).toList();
    }

    @Test
    void aShareIsLoggedAndTheRestIsCounted() throws Exception {
        answered("{\"share\":0.25}");
        long drawn = Stream.of(IDS).filter(id -> Kept.drawn(id, 0.25)).count();
        assertThat(records())
                .hasSize((int) drawn)
                .allSatisfy(record -> assertThat(record.kept()).isEqualTo(new Kept(0.25, true)));
        assertThat(server.segments().stream()
                        .flatMap(segment -> segment.tallies().stream())
                        .reduce(Tally::plus))
                .get()
                .satisfies(tally -> {
                    assertThat(tally.rows()).isEqualTo(IDS.length);
                    assertThat(tally.logged()).isEqualTo(drawn);
                    assertThat(tally.version()).isEqualTo("m/1");
                });
        assertThat(caller.get("/metrics").text())
                .contains("perennial_scorer_log_sampled_out_records_total{} " + (IDS.length - drawn) + "\n");
    }

    @Test
    void anAnswerWhoseRowsAreNotAllInTheLogSaysSo() throws Exception {
        server.apply(1, config(0, "{\"share\":0}"));
        assertThat(caller.header("/endpoints/m/predict", Caller.records("a"), "X-Perennial-Logged"))
                .contains("no");
        server.apply(2, config(0, "null"));
        assertThat(caller.header("/endpoints/m/predict", Caller.records("a"), "X-Perennial-Logged"))
                .isEmpty();
    }

    @Test
    void rowsOfARolloutAreLoggedWhateverTheShare() throws Exception {
        String canary = Models.variant("m/2", "canary", 2_500, models.model(0.75, "x", "c"));
        answered("{\"share\":0}", canary);
        assertThat(records())
                .isNotEmpty()
                .allSatisfy(record -> assertThat(
                                record.role() == Role.CANARY || record.answer().control())
                        .isTrue());
        assertThat(records()).extracting(PredictionRecord::role).contains(Role.CANARY, Role.CHAMPION);
    }

    private List<String> written() {
        try (Stream<Path> files = Files.list(folder.resolve("spool/segments"))) {
            List<String> texts = new ArrayList<>();
            for (Path file : files.toList()) {
                texts.add(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aRedactedValueIsNeverOnTheDisk() throws Exception {
        String secret = "needle-in-the-log";
        server.apply(1, config(0, "{\"redact\":[\"c\"]}"));
        caller.post(
                "/endpoints/m/predict",
                "{\"records\":[{\"id\":\"id-of-the-row\",\"x\":1.5,\"c\":\"" + secret + "\",\"event_time\":5}]}");
        server.await("the row on the disk", () -> written().stream().anyMatch(text -> text.contains("id-of-the-row")));
        assertThat(written())
                .allSatisfy(text -> assertThat(text).contains("\"x\"").doesNotContain(secret));
        server.configure(2, config(1, "{\"redact\":[\"c\"]}"));
        server.awaitFlush(1);
        assertThat(records())
                .singleElement()
                .satisfies(record -> assertThat(record.features().asMap()).isEqualTo(Map.of("x", 1.5)));
    }

    @Test
    void aPolicyThatChangesBeginsASegmentOfItsOwn() throws Exception {
        server.apply(1, config(0, "null"));
        caller.predict("a");
        server.apply(2, config(0, "{\"inputs\":\"outputs\"}"));
        caller.predict("b");
        server.configure(3, config(1, "{\"inputs\":\"outputs\"}"));
        server.awaitFlush(1);
        assertThat(server.segments())
                .extracting(segment ->
                        segment.header().columns().stream().map(LogColumn::name).toList())
                .containsExactly(List.of("x", "c"), List.of());
        assertThat(server.segments())
                .extracting(segment -> segment.header().policy() == null)
                .containsExactly(true, false);
    }

    @Test
    void whereNothingIsLoggedRowsAreCountedOnly() throws Exception {
        answered("{\"inputs\":\"none\"}");
        assertThat(server.records()).isEmpty();
        assertThat(server.segments().stream()
                        .flatMap(segment -> segment.tallies().stream())
                        .mapToLong(Tally::rows)
                        .sum())
                .isEqualTo(IDS.length);
    }

    @Test
    void aSegmentWithoutPolicyAndLossIsOfTheFirstForm() throws Exception {
        answered("null");
        assertThat(server.segments()).singleElement().satisfies(segment -> {
            assertThat(segment.tallies()).isEmpty();
            assertThat(segment.header().policy()).isNull();
        });
        assertThat(server.records()).extracting(LogRecord::id).containsExactly(IDS);
    }

    @Test
    void aRequestThatIsOutOfTimeIsCountedAsAnError() throws Exception {
        server.apply(1, config(0, "null"));
        String body = """
                {"parameters":{"timeout":1},"inputs":[
                 {"name":"id","shape":[1],"datatype":"BYTES","data":["a"]},
                 {"name":"x","shape":[1],"datatype":"FP64","data":[1.5]},
                 {"name":"c","shape":[1],"datatype":"BYTES","data":["a"]}]}""";
        assertThat(caller.post("/v2/models/m/infer", body).status()).isEqualTo(504);
        server.configure(2, config(1, "null"));
        server.awaitFlush(1);
        assertThat(server.segments().stream().map(Segment::tallies).flatMap(List::stream))
                .singleElement()
                .satisfies(tally -> {
                    assertThat(tally.errors()).isOne();
                    assertThat(tally.rows()).isZero();
                });
    }
}
