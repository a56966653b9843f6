package dev.perennial.worker.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.features.Arrival;
import dev.perennial.features.FeatureEngine;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.ModelCalendar;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler;
import dev.perennial.worker.data.DuckDb;
import dev.perennial.worker.data.SourceCopies;
import dev.perennial.worker.data.SourceFeeder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Drives a replay from barrier to barrier: between two publication hours it feeds what becomes known to the serving feature engines, asks
 * the scorer for each prediction that is due, and delivers the outcomes that become known; then it asks the server to advance the clock.
 * Killed and started again it goes on at the last barrier; what it sends twice counts once.
 */
public final class ReplayStep implements StepHandler {
    private static final int LABELS_MAX = 10_000;

    private final Path token;

    /** @param token file with what the installation's own processes show to its server and to its scorer */
    public ReplayStep(Path token) {
        this.token = token;
    }

    @Override
    public String kind() {
        return "replay";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException {
        JsonNode parameters = input.parameters();
        JsonNode plan = parameters.get("plan");
        String name = parameters.get("replay").asText();
        ReplayServer server = new ReplayServer(
                parameters.get("server").asText(),
                name,
                parameters.get("model").asText(),
                Files.readString(token).strip());
        Path folder = Files.createDirectories(Path.of(parameters.get("folder").asText()));
        LifecycleFile base = apply(server, plan, folder, name);
        long clock = Math.max(server.clock(), plan.get("from").asLong());
        Driver driver = new Driver(server, base, folder, input.progress(), plan);
        driver.play(clock, plan.get("from").asLong(), plan.get("to").asLong());
        return new StepOutput(
                Map.of("predictions", Json.tree(driver.predictions), "labels", Json.tree(driver.labels)), Map.of());
    }

    /** Applies the lifecycle file in the replay's scope, reading copies of the sources that lack what never arrives. */
    private static LifecycleFile apply(ReplayServer server, JsonNode plan, Path folder, String name) {
        ObjectNode order = Json.object()
                .put("text", plan.get("text").asText())
                .put("path", plan.get("path").asText())
                .put("as", name);
        order.put("replayClock", plan.get("from").asLong());
        ObjectNode paths = order.putObject("sourcePaths");
        LifecycleFile planned = server.plan(order);
        for (JsonNode outage : plan.get("outages")) {
            String source = outage.get("source").asText();
            Path copy = folder.resolve(source + ".parquet");
            SourceCopies.without(
                    source,
                    planned.source(source),
                    outage.get("column").asText(),
                    outage.get("from").asLong(),
                    outage.get("to").asLong(),
                    copy);
            paths.put(source, copy.toString());
        }
        return server.apply(order);
    }

    /** Plays; holds the engines and the open stream. */
    private static final class Driver {
        private final ReplayServer server;
        private final LifecycleFile base;
        private final ModelCalendar calendar;
        private final Path folder;
        private final Progress progress;
        private final boolean loop;
        private final JsonNode outages;
        private final List<LifecycleFile> served = new ArrayList<>();
        private final List<ReplayServer.Outcome> outcomes = new ArrayList<>();
        private final Map<String, Long> newest = new TreeMap<>();
        private long predictions;
        private long labels;

        private Driver(ReplayServer server, LifecycleFile base, Path folder, Progress progress, JsonNode plan) {
            this.loop = plan.path("loop").asBoolean(true);
            this.outages = plan.path("outages");
            this.server = server;
            this.base = base;
            this.calendar = base.calendar();
            this.folder = folder;
            this.progress = progress;
        }

        private void play(long clock, long from, long to) throws IOException {
            long at = clock;
            long next = calendar.nextPublication(at);
            follow(server.advance(at, next));
            if (!loop) {
                server.pause("the policy of this replay is never to retrain");
            }
            while (at < to) {
                at = stretch(at, from, to);
            }
        }

        /** Plays with one set of engines until it changes or the end is reached; returns the clock. */
        private long stretch(long start, long from, long to) throws IOException {
            List<LifecycleFile> files = List.copyOf(served);
            List<FeatureEngine> engines = new ArrayList<>();
            engines.add(new FeatureEngine(base));
            files.forEach(file -> engines.add(new FeatureEngine(file)));
            long at = start;
            try (SourceFeeder feeder = SourceFeeder.open(
                            DuckDb.Settings.in(folder.resolve("tmp")), base, files, start + 1, to + 1, false);
                    PredictionSender sender = new PredictionSender(server)) {
                Arrival ahead = feeder.hasNext() ? feeder.next() : null;
                while (at < to && files.equals(served)) {
                    long barrier = Math.min(to, calendar.nextPublication(at));
                    while (ahead != null && ahead.time() <= barrier) {
                        meet(ahead, engines, sender);
                        ahead = feeder.hasNext() ? feeder.next() : null;
                    }
                    predictions += sender.drain();
                    deliver(barrier);
                    follow(server.advance(barrier, calendar.nextPublication(barrier)));
                    at = barrier;
                    progress.report((double) (at - from) / Math.max(1, to - from), day(at));
                }
            }
            return at;
        }

        private void meet(Arrival arrival, List<FeatureEngine> engines, PredictionSender sender) {
            switch (arrival) {
                case Arrival.RowKnown known -> {
                    newest.merge(known.row().source(), known.time(), Math::max);
                    engines.forEach(engine -> engine.arrive(known));
                }
                case Arrival.LabelKnown label ->
                    outcomes.add(new ReplayServer.Outcome(
                            label.id(), label.label() > 0 ? 1 : 0, label.eventTime(), label.time()));
                case Arrival.PredictionDue due -> {
                    if (due.sampled() && server.serving()) {
                        Map<String, Object> record = new LinkedHashMap<>();
                        engines.forEach(engine -> engine.names().forEach(feature -> record.putIfAbsent(feature, null)));
                        engines.forEach(engine -> record.putAll(engine.featureMapAt(due.row(), due.time())));
                        base.base()
                                .key()
                                .forEach(column -> record.put(column, due.row().value(column)));
                        record.put("event_time", due.eventTime());
                        record.put("predicted_at", due.time());
                        sender.send(record);
                    }
                }
            }
        }

        private void deliver(long clock) {
            for (int first = 0; first < outcomes.size(); first += LABELS_MAX) {
                List<ReplayServer.Outcome> batch =
                        outcomes.subList(first, Math.min(outcomes.size(), first + LABELS_MAX));
                server.labels(batch, clock);
                labels += batch.size();
            }
            outcomes.clear();
            server.arrivals(newest, injected(clock));
        }

        /** Sources whose rows are kept back at this time. */
        private Set<String> injected(long clock) {
            Set<String> sources = new TreeSet<>();
            outages.forEach(outage -> {
                if (outage.get("from").asLong() <= clock
                        && clock < outage.get("to").asLong()) {
                    sources.add(outage.get("source").asText());
                }
            });
            return sources;
        }

        /** Remembers the files of served versions whose features are not those of the base file. */
        private void follow(List<LifecycleFile> live) {
            served.clear();
            live.stream()
                    .filter(file -> !file.features().equals(base.features()))
                    .forEach(served::add);
        }

        private String day(long at) {
            return calendar.day(at).toString();
        }
    }

    static StepFailure failure(String message) {
        return new StepFailure(StepFailure.Kind.USER, message);
    }
}
