package dev.perennial.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.data.Profile;
import dev.perennial.events.EventLog;
import dev.perennial.gates.Trial;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.file.ExampleFile;
import dev.perennial.monitoring.Alerts;
import dev.perennial.monitoring.DayBook;
import dev.perennial.monitoring.Monitoring;
import dev.perennial.monitoring.Performances;
import dev.perennial.monitoring.References;
import dev.perennial.monitoring.SourceArrivals;
import dev.perennial.monitoring.alerts.Alert;
import dev.perennial.pipelines.EngineResources;
import dev.perennial.pipelines.EngineSettings;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.RetryPolicy;
import dev.perennial.pipelines.ScriptedWorkers;
import dev.perennial.pipelines.WorkerProtocol.Claim.Work;
import dev.perennial.pipelines.WorkerResult;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.predictionlog.LogColumn;
import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.SegmentHeader;
import dev.perennial.predictionlog.SegmentReader;
import dev.perennial.predictionlog.SegmentWriter;
import dev.perennial.registry.Registry;
import dev.perennial.replay.Replays;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.FuseReports;
import dev.perennial.serving.Label;
import dev.perennial.serving.Labels;
import dev.perennial.serving.PredictionLog;
import dev.perennial.serving.ScorerFleet;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import dev.perennial.tracking.TrackingRuns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The lifecycle room on a real database with its neighbours; workers are played by scripts, scorers by segments that the test writes. The
 * model lives in the scope of a replay, so that its clock stands until a test moves it.
 */
public final class LifeFixture implements AutoCloseable {
    public static final ModelId MODEL = new ModelId("flight-delay", "spring");
    public static final LocalDate START = LocalDate.of(2013, 4, 1);

    private static final String SLICES =
            "    - {metric: log_loss, not-worse-than: champion, margin: 0.03, each: origin}\n";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    public final TestClock clock = TestClock.fixed();
    public ScriptedWorkers workers;
    public Store store;
    public Registry registry;
    public PipelineEngine engine;
    public LifecycleRoom room;
    public Endpoints endpoints;
    public FuseReports fuses;
    public DayBook days;
    private Alerts alerts;
    public Replays replays;
    public Trial trial = new Trial().firstVersion();
    /** Served scores tell nothing, which harms. */
    public boolean misled;

    private final Path folder;
    private final StoreSettings storage;
    private final Ids ids = SeededIds.of(1, clock);
    private PredictionLog log;
    private Labels labels;
    private int segments;

    public LifeFixture(Path folder, StoreSettings storage) {
        this.folder = folder;
        this.storage = storage;
        open();
    }

    private void open() {
        store = Store.open(storage, clock, ids, new SecureRandom());
        var database = store.database();
        var blobs = store.blobs();
        EventLog events = new EventLog(database, clock);
        registry = new Registry(database);
        endpoints = new Endpoints(database);
        ScorerFleet fleet = new ScorerFleet(database, endpoints, clock);
        log = new PredictionLog(database, blobs, clock);
        labels = new Labels(database, blobs, clock);
        fuses = new FuseReports(database, clock);
        References references = new References(database);
        days = new DayBook(database, log, labels, references, clock);
        alerts = new Alerts(database, events, clock, ids);
        Monitoring monitoring = new Monitoring(
                database, days, new Performances(database, days), references, new SourceArrivals(database), alerts);
        workers = new ScriptedWorkers(() -> engine.protocol());
        script();
        engine = new PipelineEngine(
                new EngineResources(database, blobs, clock, ids, folder.resolve("staging")),
                new EngineSettings(3, 2, 20, 60_000, 60_000, 500, 200, new RetryPolicy(3, 0, 1, 0)),
                workers,
                List.of(),
                run -> room.loop().wake(ModelId.parse(run.subject())));
        room = LifecycleRoom.of(new LifecycleRoom.Parts(
                database,
                blobs,
                clock,
                ids,
                events,
                registry,
                engine,
                endpoints,
                fleet,
                log,
                fuses,
                days,
                monitoring,
                references,
                new TrackingRuns(database, blobs, clock, ids)));
        replays = new Replays(database, room.lifecycles(), endpoints, fleet, room.loop());
        engine.open();
    }

    /** Leaves everything as it is and starts anew on it, as after the death of a server. */
    public void restart() {
        close();
        open();
    }

    @Override
    public void close() {
        settle();
        room.loop().close();
        engine.close();
        store.close();
    }

    /** Waits for what no decision waits for, so that nothing is cut off in the middle. */
    private void settle() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        if (room.lifecycles().find(MODEL).isPresent()) {
            while (room.state(MODEL).comparing() != null && System.nanoTime() < deadline) {
                room.loop().wake(MODEL);
                Thread.onSpinWait();
            }
            room.loop().awaitIdle(MODEL, PATIENCE);
        }
    }

    /** The example file without slices. */
    public static String text() {
        assertThat(ExampleFile.text()).contains(SLICES);
        return ExampleFile.text().replace(SLICES, "");
    }

    public Applications.Order order(String text) {
        return new Applications.Order(
                text,
                ExampleFile.folder().resolve("lifecycle.yaml").toString(),
                MODEL.scope(),
                Map.of(),
                six(START),
                "user:ann");
    }

    public void apply(String text) {
        assertThat(room.applications().apply(order(text)).problems()).isEmpty();
    }

    /** Milliseconds of the publication hour on a day. */
    public static long six(LocalDate day) {
        return ExampleFile.parsed().calendar().published(day.minusDays(1));
    }

    /** Moves the model's clock and lets the loop do everything that is due by then. */
    public void advance(LocalDate to) {
        store.database().writing(tx -> room.lifecycles().advanceClock(tx, MODEL, six(to)));
        idle();
    }

    /** Alerts of the model in a state. */
    public List<Alert> alerts(String state) {
        return alerts.page(Optional.of(MODEL), Optional.of(state), PageRequest.of(null, null))
                .items();
    }

    public void idle() {
        assertThat(room.loop().awaitIdle(MODEL, PATIENCE)).isTrue();
    }

    /** Applies the example and lets its first version serve. */
    public void firstVersionServes() {
        apply(text());
        idle();
        assertThat(registry.alias(MODEL, Registry.CHAMPION)).contains(1);
        trial = new Trial();
    }

    /** A better candidate goes into its rollout on the second Monday. */
    public void rolloutBegins() {
        firstVersionServes();
        serve(START, START.plusDays(13), 4);
        trial = new Trial().gain(0.05);
        advance(START.plusDays(14));
        assertThat(state().rollout()).as(last(Decision.Kind.GATE).text()).isNotNull();
    }

    /** Serves rows on each day from {@code first} to {@code last}, with an outcome for each. */
    public void serve(LocalDate first, LocalDate last, int rows) {
        serve(first.datesUntil(last.plusDays(1)).toList(), rows, rows);
    }

    /** Serves rows by the champion on a day; the first {@code labelled} of them get an outcome on the next morning. */
    public void serve(LocalDate day, int rows, int labelled) {
        serve(List.of(day), rows, labelled);
    }

    private void serve(List<LocalDate> days, int rows, int labelled) {
        int champion = registry.alias(MODEL, Registry.CHAMPION).orElseThrow();
        List<PredictionRecord> records = new ArrayList<>();
        List<Label> outcomes = new ArrayList<>();
        List<LogColumn> columns = List.of(new LogColumn("carrier", ColumnType.CATEGORY));
        for (LocalDate day : days) {
            for (int i = 0; i < rows; i++) {
                long event = six(day) + i * 1000L;
                String id = day + "-" + i;
                records.add(new PredictionRecord(
                        id,
                        new PredictionRecord.Answer(
                                new VersionId(MODEL, champion).toString(),
                                Role.CHAMPION,
                                misled ? 0.25 : i % 4 == 0 ? 0.7 : 0.1,
                                false,
                                10),
                        event - 1,
                        event,
                        new LoggedFeatures(columns, new double[1], new String[] {"AA"}),
                        null,
                        null));
                if (i < labelled) {
                    outcomes.add(new Label(id, i % 4 == 0 ? 1 : 0, event, six(day.plusDays(1))));
                }
            }
        }
        deliver(columns, records);
        if (!outcomes.isEmpty()) {
            labels.accept(MODEL, outcomes, six(days.getLast().plusDays(1)));
        }
    }

    private void deliver(List<LogColumn> columns, List<PredictionRecord> records) {
        Path file = folder.resolve("segment-" + ++segments);
        try {
            try (SegmentWriter writer =
                    SegmentWriter.create(file, new SegmentHeader(MODEL.toString(), "test", 1, segments, columns))) {
                writer.append(records);
                writer.seal();
            }
            byte[] bytes = Files.readAllBytes(file);
            log.accept(bytes, SegmentReader.read(bytes).root().hex());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Decisions, oldest first: kind, verdict, version and text. */
    public List<String> told(Decision.Kind kind) {
        return room.decisions().all(MODEL).stream()
                .filter(decision -> decision.kind() == kind)
                .map(decision -> decision.verdict() + (decision.version() == null ? "" : " " + decision.version()) + " "
                        + decision.text())
                .toList();
    }

    /** The newest decision of a kind, with its evidence. */
    public Decision last(Decision.Kind kind) {
        return evidenced(room.decisions().all(MODEL).stream()
                .filter(decision -> decision.kind() == kind)
                .toList()
                .getLast());
    }

    /** A listed decision with its evidence. */
    public Decision evidenced(Decision listed) {
        return room.decisions().find(MODEL, listed.id()).orElseThrow();
    }

    public LoopState state() {
        return room.state(MODEL);
    }

    private void script() {
        workers.on("describe", work -> values(Map.of("sources", Json.object())));
        workers.on(
                "validate",
                work -> values(Map.of(
                        "report",
                        Json.parse("{\"constraints\":[],\"quarantined\":[],\"excludedDays\":[]}"),
                        "excludedDays",
                        Json.array())));
        workers.on("snapshot", LifeFixture::snapshot);
        workers.on("train", work -> trained(work, work.parameters().path("seed").asText()));
        workers.on(
                "admit",
                work -> values(
                        Map.of("verdict", Json.tree("ADMITTED"), "reason", Json.tree(""), "evidence", Json.object())));
        workers.on("evaluate", work -> values(Map.of("evaluation", Json.tree(trial.evaluation()))));
        workers.on(
                "skew", work -> values(Map.of("days", Json.array(), "rows", Json.tree(0), "unmatched", Json.tree(0))));
    }

    private static WorkerResult snapshot(Work work) throws IOException {
        Profile.Column carrier = new Profile.Column(
                Profile.Column.CATEGORY, 4, 0, null, null, null, null, 1, null, null, Map.of("AA", 4L), 0);
        Files.writeString(
                Path.of(work.staging()).resolve("profile.json"),
                Json.canonical(new Profile(Map.of("carrier", carrier))));
        Map<String, JsonNode> values = new HashMap<>();
        values.put(
                "manifest",
                Json.tree(
                        Digest.of("snapshot " + work.parameters().path("asOf")).hex()));
        values.put("features", Json.parse("[{\"name\":\"carrier\",\"type\":\"category\"}]"));
        values.put("days", Json.parse("[{\"day\":\"2013-01-01\",\"rows\":4,\"labelled\":4,\"coverage\":1}]"));
        values.put("parts", Json.array());
        return new WorkerResult(values, Map.of("profile.json", "profile.json"), new WorkerResult.Usage(1, 1));
    }

    private static WorkerResult trained(Work work, String content) throws IOException {
        ObjectNode manifest = Json.object();
        manifest.putArray("signature").addObject().put("name", "carrier").put("type", "category");
        Files.writeString(Path.of(work.staging()).resolve("model.json"), content);
        Files.writeString(Path.of(work.staging()).resolve("manifest.json"), Json.canonical(manifest));
        return new WorkerResult(
                Map.of("importance", Json.object(), "trainLogLoss", Json.array()),
                Map.of("model", "model.json", "manifest", "manifest.json"),
                new WorkerResult.Usage(1, 1));
    }

    /** What a worker reports that made no file. */
    public static WorkerResult values(Map<String, JsonNode> values) {
        return new WorkerResult(values, Map.of(), new WorkerResult.Usage(1, 1));
    }

    /** The newest version. */
    public Optional<Integer> champion() {
        return registry.alias(MODEL, Registry.CHAMPION);
    }
}
