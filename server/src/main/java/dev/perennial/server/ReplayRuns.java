package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.RetryPolicy;
import dev.perennial.pipelines.RunState;
import dev.perennial.pipelines.RunView;
import dev.perennial.pipelines.StepSpec;
import dev.perennial.replay.Replay;
import dev.perennial.replay.Replays;
import java.nio.file.Path;

/** Starts the worker that drives a replay, and learns how it ended. */
final class ReplayRuns {
    static final String PIPELINE = "replay";

    private ReplayRuns() {}

    static void start(PipelineEngine engine, Replay replay, Path folder, String serverUrl) {
        ObjectNode parameters = Json.object()
                .put("replay", replay.name())
                .put("model", replay.model().toString())
                .put("server", serverUrl)
                .put("folder", folder.toString());
        parameters.set("plan", Json.tree(replay.plan()));
        PipelineSpec spec = PipelineSpec.of(
                PIPELINE, StepSpec.worker("drive", "replay").with(parameters).retrying(RetryPolicy.NONE));
        engine.start(
                spec,
                PIPELINE + "/" + replay.name(),
                Json.object(),
                replay.model().toString(),
                "replay");
    }

    static void ended(Replays replays, RunView run) {
        String name = run.parameters()
                .path("replay")
                .asText(run.subject().substring(run.subject().indexOf('@') + 1));
        if (run.state() == RunState.SUCCEEDED) {
            replays.finish(name);
        } else {
            replays.fail(name, run.failure());
        }
    }
}
