package dev.perennial.scorings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.pipelines.RunView;
import dev.perennial.registry.GovernedChange;
import dev.perennial.registry.ModelName;
import dev.perennial.serving.VersionRef;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes into the ledger that a version was made ready to score a file: that runs what it brings, as deploying it does. Files that are scored
 * by versions that are ready stand in no ledger.
 */
final class ScoringLedger {
    private final InstantSource clock;

    ScoringLedger(InstantSource clock) {
        this.clock = clock;
    }

    void started(Transaction tx, ScoringJob job, String run) {
        entry(tx, job, "run.create", Json.object().put("run", run));
    }

    void ended(Transaction tx, ScoringJob job, RunView run, @Nullable JsonNode admission) {
        ObjectNode payload = Json.object()
                .put("run", run.run().text())
                .put("gate", "admission")
                .put(
                        "verdict",
                        admission == null ? "NONE" : admission.path("verdict").asText())
                .put("state", run.state().name())
                .put(
                        "message",
                        admission == null
                                ? run.failure()
                                : admission.path("reason").asText());
        if (admission != null) {
            payload.put("admission", Json.digest(admission).hex());
        }
        entry(tx, job, "gate.evaluate", payload);
    }

    private void entry(Transaction tx, ScoringJob job, String action, ObjectNode payload) {
        VersionRef version = VersionRef.parse(job.pinned().version());
        payload.put("version", version.toString()).put("scoring", job.id());
        ModelName model = new ModelName(Objects.requireNonNull(job.project()), version.model());
        GovernedChange.ofVersion(tx, "user:" + job.by(), action, model, version.number(), clock.millis(), payload);
    }
}
