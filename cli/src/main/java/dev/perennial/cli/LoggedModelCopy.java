package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Copies logged models, behind the runs that made them: the model, its values, its files, and at last the mark that it is complete. */
final class LoggedModelCopy implements AutoCloseable {
    private static final int CHECKED_AT_ONCE = 1000;
    private static final int TAKEN_AT_ONCE = 100;
    private static final int VALUES_AT_ONCE = 10_000;

    private final MlflowSource source;
    private final ImportTarget target;
    private final ArtifactCopy artifacts;
    private final ImportReport report;
    private final MessageSpool spool = new MessageSpool();
    private long found;

    LoggedModelCopy(MlflowSource source, ImportTarget target, ArtifactCopy artifacts, ImportReport report) {
        this.source = source;
        this.target = target;
        this.artifacts = artifacts;
        this.report = report;
    }

    /** Reads the models of an experiment and asks for collisions; returns how many there are. */
    long look(String experiment, List<String> collisions) {
        long before = found;
        List<String> ids = new ArrayList<>();
        source.loggedModels(experiment, model -> {
            spool.add(model);
            found++;
            ids.add(id(model));
            if (ids.size() == CHECKED_AT_ONCE) {
                check(ids, collisions);
            }
        });
        check(ids, collisions);
        return found - before;
    }

    private void check(List<String> ids, List<String> collisions) {
        if (!ids.isEmpty()) {
            ObjectNode body = target.asked();
            ids.forEach(body.putArray("model_ids")::add);
            target.check(body, collisions);
            ids.clear();
        }
    }

    long found() {
        return found;
    }

    private static String id(JsonNode model) {
        return model.path("info").path("model_id").asText();
    }

    void take() {
        spool.batches(TAKEN_AT_ONCE, this::take);
    }

    private void take(List<JsonNode> models) {
        models.forEach(model -> target.settle(model.path("info")));
        Set<String> complete = new LinkedHashSet<>();
        target.post(
                        "logged-models",
                        target.asked(
                                "models",
                                models.stream().map(ImportedMessages::model).toList()))
                .path("complete")
                .forEach(id -> complete.add(id.asText()));
        for (JsonNode model : models) {
            if (!complete.contains(id(model))) {
                long values = values(model);
                artifacts.ofModel(model);
                finish(model, values);
            }
        }
        report.took("logged models that were here already", complete.size());
    }

    /** Sends all values; returns how many are stored, which are those whose run is here. */
    private long values(JsonNode model) {
        JsonNode metrics = model.path("data").path("metrics");
        long left = 0;
        for (int from = 0; from < metrics.size(); from += VALUES_AT_ONCE) {
            ObjectNode body = target.asked().put("model_id", id(model));
            ArrayNode list = body.putArray("metrics");
            for (int at = from; at < Math.min(from + VALUES_AT_ONCE, metrics.size()); at++) {
                list.add(metrics.get(at));
            }
            left += target.post("logged-models/metrics", body)
                    .path("without_run")
                    .asLong();
        }
        if (left > 0) {
            report.left(left + " metric values of logged model " + id(model) + ": the runs that logged them are gone");
        }
        return metrics.size() - left;
    }

    private void finish(JsonNode model, long values) {
        int params = model.path("data").path("params").size();
        int tags = model.path("info").path("tags").size();
        ObjectNode body = target.asked()
                .put("model_id", id(model))
                .put("metrics", values)
                .put("params", params)
                .put("tags", tags);
        Set<String> runs = new LinkedHashSet<>();
        model.path("data")
                .path("metrics")
                .forEach(metric -> runs.add(metric.path("run_id").asText()));
        runs.forEach(body.putArray("run_ids")::add);
        if (target.accepted("logged-models/complete", body, report)) {
            report.took("logged models", 1);
            report.took("logged model values", values);
            report.took("logged model params", params);
            report.took("logged model tags", tags);
        }
    }

    @Override
    public void close() {
        spool.close();
    }
}
