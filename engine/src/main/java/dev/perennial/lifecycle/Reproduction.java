package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.data.SnapshotManifest;
import dev.perennial.data.ValidationReport;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.RunState;
import dev.perennial.pipelines.RunView;
import dev.perennial.pipelines.StepSpec;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.Registry;
import dev.perennial.store.BlobStore;
import java.time.Duration;

/**
 * Rebuilds a version from its lineage and compares: its snapshot's parts by digest, its lifecycle file by digest, its clip and seed from its
 * manifest. Thread-safe.
 */
public final class Reproduction {
    private final Lifecycles lifecycles;
    private final Registry registry;
    private final BlobStore blobs;
    private final PipelineEngine engine;

    Reproduction(Lifecycles lifecycles, Registry registry, BlobStore blobs, PipelineEngine engine) {
        this.lifecycles = lifecycles;
        this.registry = registry;
        this.blobs = blobs;
        this.engine = engine;
    }

    /** Rebuilds and waits for the comparison; {@code UNAVAILABLE} when it takes longer than {@code patience}: ask again. */
    public JsonNode reproduce(VersionId id, String occasion, Duration patience) {
        ModelVersion version = registry.version(id);
        RunId run = engine.start(
                spec(version),
                "reproduce/" + id + "/" + occasion,
                Json.object(),
                id.model().toString(),
                "reproduce");
        RunView view = Runs.ended(engine, run, patience)
                .orElseThrow(() -> new PerennialException(
                        ErrorCode.UNAVAILABLE,
                        "rebuilding '" + id + "' takes longer than " + patience.toSeconds() + " s; see run " + run));
        if (view.state() != RunState.SUCCEEDED) {
            throw PerennialException.state("version '" + id + "' could not be rebuilt: " + view.failure());
        }
        return answer(id, RunOutputs.value(view, "compare", "comparison"));
    }

    private PipelineSpec spec(ModelVersion version) {
        if (version.snapshot() == null) {
            throw PerennialException.state(
                    "version '" + version.id() + "' came from outside: there is no lineage to rebuild it from");
        }
        LifecycleFile file = lifecycles.body(version.lifecycle());
        JsonNode manifest = Json.parse(blobs.bytes(version.manifest()));
        SnapshotManifest snapshot = Json.convert(Json.parse(blobs.bytes(version.snapshot())), SnapshotManifest.class);
        ObjectNode parts = Json.object();
        snapshot.parts().forEach(part -> parts.put(part.name(), part.blob()));
        long known = manifest.path("trainedLabelKnownBy").asLong();
        ObjectNode clip = Json.object().put("before", known).put("labelKnownBy", known);
        var excluded = clip.putArray("excludedDays");
        registry.evidence(version.id(), CandidateDesk.VALIDATION)
                .map(report -> Json.convert(report, ValidationReport.class))
                .ifPresent(report -> report.excludedDays().forEach(day -> excluded.add(day.day())));
        ObjectNode parameters = Json.object()
                .put("label", file.predict().label())
                .put("seed", file.train().seed());
        parameters.set("train", Json.tree(file.train()));
        parameters.set(
                "features",
                manifest.path("signature").has("columns")
                        ? manifest.path("signature").get("columns")
                        : manifest.path("signature"));
        parameters.set("clip", clip);
        parameters.put("snapshot", version.snapshot().hex());
        return PipelineSpec.of(
                "reproduce",
                StepSpec.worker("train", file.train().command() == null ? "train" : "command")
                        .with(parameters)
                        .reading("part", parts),
                StepSpec.worker("compare", "reproduce")
                        .with(Json.object())
                        .reading("part", parts)
                        .reading("original.model", Json.tree(version.file()))
                        .reading("original.manifest", Json.tree(version.manifest()))
                        .reading("rebuilt.model", StepSpec.file("train", "model"))
                        .reading("rebuilt.manifest", StepSpec.file("train", "manifest")));
    }

    private static JsonNode answer(VersionId id, JsonNode comparison) {
        ObjectNode answer = comparison.deepCopy();
        String text = switch (comparison.path("verdict").asText()) {
            case "IDENTICAL" -> "the rebuilt model of " + id + " is the same, bit by bit";
            case "EQUAL" ->
                "the rebuilt model of " + id + " scores all "
                        + comparison.path("rows").asLong() + " rows alike, the largest difference is "
                        + comparison.path("maxDifference").asDouble() + ", at most "
                        + comparison.path("bound").asDouble() + " is allowed";
            default -> "the rebuilt model of " + id + " differs: " + comparison.path("where");
        };
        return answer.put("text", text);
    }
}
