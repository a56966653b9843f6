package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.Rows.Column;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Pipeline runs. */
@Command(
        name = "pipelines",
        mixinStandardHelpOptions = true,
        description = "Lists pipeline runs, the work behind each model; with a run its steps; cancels one. Runs that clients log are"
                + " 'perennial runs'.",
        footer = {
            "",
            "Examples:",
            "  perennial pipelines --model flight-delay",
            "  perennial pipelines 01a2b3c4",
            "  perennial pipelines 01a2b3c4 --cancel"
        })
final class PipelinesCommand extends CliCommand {
    @Parameters(arity = "0..1", paramLabel = "RUN", description = "A run, or the start of its id.")
    @Nullable
    String run;

    @Option(names = "--model", paramLabel = "MODEL", description = "Only runs of this model.")
    @Nullable
    String model;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 100).")
    int limit = 100;

    @Option(names = "--cancel", description = "Cancel the run.")
    boolean cancel;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why it is cancelled; it is recorded.")
    String reason = "cancelled by hand";

    @Override
    Integer execute() {
        Map<String, Object> query = new TreeMap<>();
        if (model != null) {
            query.put("model", model);
        }
        if (run == null) {
            if (cancel) {
                throw new CommandFailure(ExitCode.USAGE, "--cancel needs the run to cancel");
            }
            list(client().runs(query, limit));
            return ExitCode.OK;
        }
        JsonNode found = find(client().runs(query, Integer.MAX_VALUE), run);
        if (cancel) {
            JsonNode answer = client().cancelRun(found.path("run").asText(), reason);
            if (json()) {
                terminal().json(answer);
            } else {
                terminal().line("asked run " + found.path("run").asText() + " to stop");
            }
            return ExitCode.OK;
        }
        steps(client().run(found.path("run").asText()));
        return ExitCode.OK;
    }

    private static JsonNode find(List<JsonNode> runs, String start) {
        List<JsonNode> found = runs.stream()
                .filter(item -> item.path("run").asText().startsWith(start))
                .toList();
        if (found.size() != 1) {
            throw new CommandFailure(
                    ExitCode.ERROR,
                    found.isEmpty() ? "no run '" + start + "'" : found.size() + " runs start with '" + start + "'");
        }
        return found.getFirst();
    }

    private void list(List<JsonNode> runs) {
        Rows.print(
                this,
                runs,
                "no run yet",
                Column.of("RUN", "run"),
                new Column("MODEL", item -> Rows.text(item.has("subject") ? item.get("subject") : item.path("model"))),
                Column.of("PIPELINE", "pipeline"),
                Column.of("STATE", "state"),
                Column.time("STARTED", "startedAt"),
                Column.time("ENDED", "endedAt"),
                Column.of("REASON", "reason"));
    }

    private void steps(JsonNode found) {
        if (json()) {
            terminal().json(found);
            return;
        }
        terminal()
                .line(found.path("run").asText() + "  " + found.path("pipeline").asText() + "  "
                        + found.path("state").asText());
        Rows.print(
                this,
                LifecycleFileCommand.list(found.path("steps")),
                "the run has no steps",
                Column.of("STEP", "path"),
                Column.of("STATE", "state"),
                Column.of("ATTEMPT", "attempt"),
                Column.of("SHARE", "share"),
                Column.of("", "line"));
    }
}
