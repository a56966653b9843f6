package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.SourceDescription;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.RunState;
import dev.perennial.pipelines.RunView;
import dev.perennial.pipelines.StepSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Has a worker look at the files of sources, because what reads them may not run in the server. A run is found again for as long as the
 * files are the same by size and time of change, so that an apply after a plan costs nothing. Cost otherwise: one worker, about a second.
 * Thread-safe.
 */
final class Inspection {
    static final String PIPELINE = "describe";

    private static final String STEP = "describe";
    private static final String SOURCES = "sources";

    private final PipelineEngine engine;
    private final Duration patience;

    /** @param patience with workers that are busy */
    Inspection(PipelineEngine engine, Duration patience) {
        this.engine = engine;
        this.patience = patience;
    }

    /** The sources as they are; {@code UNAVAILABLE} when no worker had time to look. */
    Map<String, SourceDescription> describe(LifecycleFile file) {
        JsonNode sources = Json.tree(file.sources());
        RunView run = run(sources, key(file, sources));
        Map<String, SourceDescription> described = new LinkedHashMap<>();
        RunOutputs.value(run, STEP, SOURCES)
                .properties()
                .forEach(entry ->
                        described.put(entry.getKey(), Json.convert(entry.getValue(), SourceDescription.class)));
        return described;
    }

    private RunView run(JsonNode sources, String key) {
        PipelineSpec spec = PipelineSpec.of(
                PIPELINE, StepSpec.worker(STEP, "describe").with(Json.object().set(SOURCES, sources)));
        RunId id = engine.start(spec, free(key), Json.object(), "", "plan");
        RunView run = Runs.ended(engine, id, patience)
                .orElseThrow(() -> new PerennialException(
                        ErrorCode.UNAVAILABLE,
                        "no worker could look at the sources within " + patience.toSeconds()
                                + " s; try again, or see 'perennial ps' for what they do"));
        if (run.state() != RunState.SUCCEEDED) {
            throw PerennialException.state("the sources could not be looked at: " + run.failure());
        }
        return run;
    }

    /** The key of the occasion; where its run failed, which says nothing about the files, one that is free. */
    private String free(String key) {
        for (int n = 1; ; n++) {
            String numbered = key + "/" + n;
            boolean failed = engine.find(numbered)
                    .map(RunView::state)
                    .filter(state -> state.terminal() && state != RunState.SUCCEEDED)
                    .isPresent();
            if (!failed) {
                return numbered;
            }
        }
    }

    private static String key(LifecycleFile file, JsonNode sources) {
        ObjectNode facts = Json.object();
        new TreeMap<>(file.sources()).forEach((name, source) -> facts.put(name, facts(Path.of(source.path()))));
        return PIPELINE + "/"
                + Json.digest(Json.object().<ObjectNode>set(SOURCES, sources).set("files", facts))
                        .hex();
    }

    private static String facts(Path file) {
        try {
            return Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis() + " " + Files.isReadable(file);
        } catch (IOException e) {
            return "not there";
        }
    }
}
