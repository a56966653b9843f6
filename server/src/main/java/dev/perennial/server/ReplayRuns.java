package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.RetryPolicy;
import dev.perennial.pipelines.RunState;
import dev.perennial.pipelines.RunView;
import dev.perennial.pipelines.StepSpec;
import dev.perennial.replay.Arms;
import dev.perennial.replay.Replay;
import dev.perennial.replay.ReplayPolicy;
import dev.perennial.replay.Replays;
import dev.perennial.store.BlobStore;
import java.nio.file.Path;
import java.util.List;

/** Starts the worker that drives a replay or computes it offline, and learns how it ended. */
final class ReplayRuns {
    static final String PIPELINE = "replay";

    private ReplayRuns() {}

    /** Computes a blind policy; nothing is played. */
    static void compute(PipelineEngine engine, Replay replay, LifecycleFile file, ReplayPolicy.Blind policy) {
        engine.start(
                Arms.offline(PIPELINE, file, replay.plan(), policy),
                key(replay.name()),
                Json.object().put("replay", replay.name()),
                replay.model().toString(),
                "replay");
    }

    /** The key under which the run of a replay is found. */
    static String key(String name) {
        return PIPELINE + "/" + name;
    }

    static void start(PipelineEngine engine, Replay replay, Path folder, String serverUrl) {
        ObjectNode parameters = Json.object()
                .put("replay", replay.name())
                .put("model", replay.model().toString())
                .put("server", serverUrl)
                .put("folder", folder.toString());
        parameters.set("plan", Json.tree(replay.plan()));
        PipelineSpec spec = PipelineSpec.of(
                PIPELINE, StepSpec.worker("drive", "replay").with(parameters).retrying(RetryPolicy.NONE));
        engine.start(spec, key(replay.name()), Json.object(), replay.model().toString(), "replay");
    }

    static void ended(Replays replays, BlobStore blobs, RunView run) {
        String name = run.parameters()
                .path("replay")
                .asText(run.subject().substring(run.subject().indexOf('@') + 1));
        boolean offline = run.steps().stream().anyMatch(step -> step.path().equals(Arms.STEP));
        if (run.state() == RunState.SUCCEEDED && offline) {
            replays.finish(name, Arms.table(run, blobs, List.of()));
        } else if (run.state() == RunState.SUCCEEDED) {
            replays.finish(name);
        } else {
            replays.fail(name, run.failure());
        }
    }
}
