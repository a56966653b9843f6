package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.client.PerennialClient;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Copies a live MLflow server. First everything is looked at and every id compared with what is here; then experiments are written, then runs
 * batch by batch: the run, its histories, its artifacts, and at last the mark that it is complete, which our server sets only when it holds as
 * much as was received. Logged models follow, and registered models at the end.
 */
final class MlflowImport implements AutoCloseable {
    /** The experiment that every server has; an empty one need not come. */
    private static final String EVERYWHERE = "0";

    private static final int CHECKED_AT_ONCE = 1000;
    private static final int RUNS_AT_ONCE = 100;
    private static final int VALUES_AT_ONCE = 10_000;
    private static final int COLLISIONS_SHOWN = 20;

    private final MlflowSource source;
    private final ImportTarget target;
    private final Terminal terminal;
    private final Progress progress;
    private final ImportReport report = new ImportReport();
    private final ArtifactCopy artifacts;
    private final MessageSpool spool = new MessageSpool();
    private final LoggedModelCopy logged;
    private final RegistryCopy registered;

    MlflowImport(MlflowSource source, PerennialClient client, Terminal terminal, InstantSource clock, String project) {
        this.source = source;
        this.target = new ImportTarget(client, source.name(), project);
        this.terminal = terminal;
        this.progress = new Progress(terminal, clock);
        this.artifacts = new ArtifactCopy(source, client, report);
        this.logged = new LoggedModelCopy(source, target, artifacts, report);
        this.registered = new RegistryCopy(source, target, new VersionFiles(source, target, artifacts, report), report);
    }

    ImportReport run() {
        List<String> collisions = new ArrayList<>();
        target.check(target.asked(), collisions); // whoever may not import learns it before anything is read
        terminal.progress("MLflow " + source.version() + " at " + source.name());
        List<JsonNode> experiments = source.experiments();
        long runs = look(experiments, collisions);
        registered.look(collisions);
        if (!collisions.isEmpty()) {
            throw new CommandFailure(ExitCode.CONFLICT, refusal(collisions));
        }
        terminal.progress(experiments.size() + " experiments and " + runs + " runs; no collisions");
        takeExperiments(experiments);
        progress.start(runs);
        spool.batches(RUNS_AT_ONCE, this::takeRuns);
        terminal.progress(logged.found() + " logged models");
        logged.take();
        terminal.progress(registered.found() + " registered models and prompts");
        registered.take();
        tellWhatStays();
        return report;
    }

    private static String refusal(List<String> collisions) {
        StringBuilder text = new StringBuilder("nothing was imported, because " + collisions.size()
                + (collisions.size() == 1 ? " thing is" : " things are") + " in the way: ");
        text.append(String.join("; ", collisions.subList(0, Math.min(COLLISIONS_SHOWN, collisions.size()))));
        return text.append(collisions.size() > COLLISIONS_SHOWN ? "; and more" : "")
                .toString();
    }

    /** Reads all runs into the spool and asks for collisions. Returns the number of runs. */
    private long look(List<JsonNode> experiments, List<String> collisions) {
        List<String> ids = new ArrayList<>();
        long[] count = {0};
        for (JsonNode experiment : List.copyOf(experiments)) {
            long before = count[0];
            source.runs(experiment.path("experiment_id").asText(), run -> {
                spool.add(run);
                count[0]++;
                ids.add(run.path("info").path("run_id").asText());
                if (ids.size() == CHECKED_AT_ONCE) {
                    check(List.of(), ids, collisions);
                    ids.clear();
                    terminal.progress("looked at " + count[0] + " runs");
                }
            });
            long models = logged.look(experiment.path("experiment_id").asText(), collisions);
            if (count[0] + models == before
                    && experiment.path("experiment_id").asText().equals(EVERYWHERE)) {
                experiments.remove(experiment);
            }
        }
        for (int from = 0; from < experiments.size(); from += CHECKED_AT_ONCE) {
            List<JsonNode> some = experiments.subList(from, Math.min(from + CHECKED_AT_ONCE, experiments.size()));
            check(some, List.of(), collisions);
        }
        if (!ids.isEmpty()) {
            check(List.of(), ids, collisions);
        }
        return count[0];
    }

    private void check(List<JsonNode> experiments, List<String> runs, List<String> collisions) {
        ObjectNode body = target.asked("experiments", experiments);
        runs.forEach(body.putArray("run_ids")::add);
        target.check(body, collisions);
    }

    private void takeExperiments(List<JsonNode> experiments) {
        // The one that every server has goes last: it may need an id that no other takes.
        experiments.sort(Comparator.comparing(
                experiment -> experiment.path("experiment_id").asText().equals(EVERYWHERE)));
        for (int from = 0; from < experiments.size(); from += CHECKED_AT_ONCE) {
            List<JsonNode> some = experiments.subList(from, Math.min(from + CHECKED_AT_ONCE, experiments.size()));
            target.settled(target.post("experiments", target.asked("experiments", some))
                    .path("experiments"));
        }
        report.took("experiments", experiments.size());
    }

    private void takeRuns(List<JsonNode> runs) {
        runs.forEach(run -> target.settle(run.path("info")));
        Set<String> complete = new LinkedHashSet<>();
        target.post(
                        "runs",
                        target.asked(
                                "runs", runs.stream().map(ImportedMessages::run).toList()))
                .path("complete")
                .forEach(id -> complete.add(id.asText()));
        List<JsonNode> open =
                runs.stream().filter(run -> !complete.contains(id(run))).toList();
        Map<String, Long> values = histories(open);
        for (JsonNode run : open) {
            artifacts.ofRun(run);
            finish(run, values.getOrDefault(id(run), 0L));
        }
        report.took("runs that were here already", complete.size());
        progress.done(runs.size(), report.taken("artifact bytes"));
    }

    private static String id(JsonNode run) {
        return run.path("info").path("run_id").asText();
    }

    /** Copies all histories of some runs; gives the number of values of each. */
    private Map<String, Long> histories(List<JsonNode> runs) {
        Map<String, List<String>> runsOfKey = new LinkedHashMap<>();
        for (JsonNode run : runs) {
            run.path("data")
                    .path("metrics")
                    .forEach(metric -> runsOfKey
                            .computeIfAbsent(metric.path("key").asText(), key -> new ArrayList<>())
                            .add(id(run)));
        }
        Map<String, Long> counts = new HashMap<>();
        Map<String, List<JsonNode>> waiting = new LinkedHashMap<>();
        runsOfKey.forEach((key, ids) -> {
            var together = source.histories(ids, key);
            if (together.isPresent()) {
                together.get().forEach(value -> {
                    List<JsonNode> ofRun =
                            waiting.computeIfAbsent(value.path("run_id").asText(), id -> new ArrayList<>());
                    ofRun.add(value);
                });
            } else {
                ids.forEach(id -> source.history(id, key, values -> send(id, values, counts)));
            }
        });
        waiting.forEach((id, values) -> send(id, values, counts));
        return counts;
    }

    private void send(String run, List<JsonNode> values, Map<String, Long> counts) {
        for (int from = 0; from < values.size(); from += VALUES_AT_ONCE) {
            List<JsonNode> some = values.subList(from, Math.min(from + VALUES_AT_ONCE, values.size()));
            target.post("metrics", target.asked("metrics", some).put("run_id", run));
        }
        counts.merge(run, (long) values.size(), Long::sum);
    }

    private void finish(JsonNode run, long values) {
        JsonNode data = run.path("data");
        int inputs = run.path("inputs").path("dataset_inputs").size();
        ObjectNode body = target.asked()
                .put("run_id", id(run))
                .put("metrics", values)
                .put("params", data.path("params").size())
                .put("tags", data.path("tags").size())
                .put("inputs", inputs);
        if (!target.accepted("complete", body, report)) {
            return;
        }
        report.took("runs", 1);
        report.took("metric values", values);
        report.took("params", data.path("params").size());
        report.took("tags", data.path("tags").size());
        report.took("inputs", inputs);
    }

    private void tellWhatStays() {
        int webhooks = source.webhooks();
        if (webhooks > 0) {
            report.left(webhooks + " webhooks: their secrets cannot be read");
        }
        report.left("traces: they have no place here yet");
        report.left("users and their rights: MLflow does not give out passwords");
    }

    @Override
    public void close() {
        spool.close();
        logged.close();
        registered.close();
    }
}
