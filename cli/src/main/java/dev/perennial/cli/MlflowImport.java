package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.client.ClientException;
import dev.perennial.client.PerennialClient;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Copies a live MLflow server. First everything is looked at and every id compared with what is here; then experiments are written, then runs
 * batch by batch: the run, its histories, its artifacts, and at last the mark that it is complete, which our server sets only when it holds as
 * much as was received.
 */
final class MlflowImport {
    private static final String CALLS = "/api/2.0/mlflow/import/";
    /** The experiment that every server has; an empty one need not come. */
    private static final String EVERYWHERE = "0";

    private static final int CHECKED_AT_ONCE = 1000;
    private static final int RUNS_AT_ONCE = 100;
    private static final int VALUES_AT_ONCE = 10_000;
    private static final int COLLISIONS_SHOWN = 20;

    private final MlflowSource source;
    private final PerennialClient target;
    private final Terminal terminal;
    private final RunSpool spool;
    private final String project;
    private final Progress progress;
    private final ImportReport report = new ImportReport();
    private final ArtifactCopy artifacts;

    MlflowImport(MlflowSource source, PerennialClient target, Terminal terminal, InstantSource clock, RunSpool spool, String project) {
        this.source = source;
        this.target = target;
        this.terminal = terminal;
        this.spool = spool;
        this.project = project;
        this.progress = new Progress(terminal, clock);
        this.artifacts = new ArtifactCopy(source, target, report);
    }

    ImportReport run() {
        terminal.progress("MLflow " + source.version() + " at " + source.name());
        List<JsonNode> experiments = source.experiments();
        List<String> collisions = new ArrayList<>();
        long runs = look(experiments, collisions);
        if (!collisions.isEmpty()) {
            throw new CommandFailure(ExitCode.CONFLICT, refusal(collisions));
        }
        terminal.progress(experiments.size() + " experiments and " + runs + " runs; no collisions");
        takeExperiments(experiments);
        progress.start(runs);
        spool.batches(RUNS_AT_ONCE, this::takeRuns);
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
            if (count[0] == before && experiment.path("experiment_id").asText().equals(EVERYWHERE)) {
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
        ObjectNode body = asked();
        ArrayNode names = body.putArray("experiments");
        experiments.forEach(names::add);
        runs.forEach(body.putArray("run_ids")::add);
        target.postRepeatable(CALLS + "check", body)
                .path("collisions")
                .forEach(collision -> collisions.add(collision.asText()));
    }

    private ObjectNode asked() {
        return target.object().put("source", source.name()).put("project", project);
    }

    private void takeExperiments(List<JsonNode> experiments) {
        for (int from = 0; from < experiments.size(); from += CHECKED_AT_ONCE) {
            ObjectNode body = asked();
            ArrayNode list = body.putArray("experiments");
            experiments
                    .subList(from, Math.min(from + CHECKED_AT_ONCE, experiments.size()))
                    .forEach(list::add);
            target.postRepeatable(CALLS + "experiments", body);
        }
        report.took("experiments", experiments.size());
    }

    private void takeRuns(List<JsonNode> runs) {
        ObjectNode body = asked();
        ArrayNode list = body.putArray("runs");
        runs.forEach(run -> list.add(ImportedMessages.run(run)));
        Set<String> complete = new LinkedHashSet<>();
        target.postRepeatable(CALLS + "runs", body).path("complete").forEach(id -> complete.add(id.asText()));
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
            ObjectNode body = asked().put("run_id", run);
            ArrayNode list = body.putArray("metrics");
            values.subList(from, Math.min(from + VALUES_AT_ONCE, values.size())).forEach(list::add);
            target.postRepeatable(CALLS + "metrics", body);
        }
        counts.merge(run, (long) values.size(), Long::sum);
    }

    private void finish(JsonNode run, long values) {
        JsonNode data = run.path("data");
        int inputs = run.path("inputs").path("dataset_inputs").size();
        ObjectNode body = asked().put("run_id", id(run))
                .put("metrics", values)
                .put("params", data.path("params").size())
                .put("tags", data.path("tags").size())
                .put("inputs", inputs);
        try {
            target.postRepeatable(CALLS + "complete", body);
        } catch (ClientException e) {
            if (e.status() == 0) {
                throw e;
            }
            report.differs(String.valueOf(e.getMessage()));
            return;
        }
        report.took("runs", 1);
        report.took("metric values", values);
        report.took("params", data.path("params").size());
        report.took("tags", data.path("tags").size());
        report.took("inputs", inputs);
    }

    private void tellWhatStays() {
        int models = source.count("registered-models/search?max_results=1000", "registered_models");
        if (models > 0) {
            report.left(
                    models + (models == 1000 ? " or more" : "") + " registered models with their versions and aliases");
        }
        int webhooks = source.count("webhooks", "webhooks");
        if (webhooks > 0) {
            report.left(webhooks + " webhooks: their secrets cannot be read");
        }
        report.left("traces: they have no place here yet");
        report.left("users and their rights: MLflow does not give out passwords");
    }
}
