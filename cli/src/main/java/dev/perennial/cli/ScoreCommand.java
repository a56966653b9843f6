package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.client.ClientException;
import dev.perennial.client.PerennialClient;
import dev.perennial.kernel.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Scores a file. */
@Command(
        name = "score",
        mixinStandardHelpOptions = true,
        description = "Scores a file: the result has each of its rows, in their order, with the score beside them.",
        footer = {
            "",
            "Examples:",
            "  perennial score flights.csv --endpoint flight-delay",
            "  perennial score flights.parquet --model flight-delay/3 --to scored.parquet",
            "  perennial score flights.jsonl.gz --model models:/flight-delay@champion --no-wait",
            "  perennial score flowers.csv --model 'models:/Iris flowers/2'   logged by MLflow's client",
            "",
            "Files: .csv, .tsv, .jsonl, .ndjson (each also .gz) and .parquet. Added are 'score' (or the model's outputs),",
            "'version' and 'error': a row that cannot be scored says why there, and the others go on.",
            "A version that was never deployed is made ready first, as deploying does: its environment, and a look at it.",
            "A server on this machine reads the file itself; to another, or without the right to it, the file is sent (1 GiB",
            "at most) and the result fetched. Ctrl-C leaves the job running; 'perennial scorings' looks after it.",
            "",
            "Exit codes: 0 scored, 3 failed or cancelled, 130 left running by Ctrl-C."
        })
final class ScoreCommand extends CliCommand {
    @Parameters(paramLabel = "FILE", description = "The file to score.")
    private String file = "";

    @Option(names = "--endpoint", paramLabel = "NAME", description = "Score by this endpoint's champion of now.")
    @Nullable
    private String endpoint;

    @Option(
            names = "--model",
            paramLabel = "VERSION",
            description = "Score by this version: NAME/3, models:/NAME/3 or models:/NAME@ALIAS.")
    @Nullable
    private String model;

    @Option(names = "--python-minor", description = "Another patch release of the Python that it names will do.")
    private boolean minor;

    @Option(names = "--to", paramLabel = "FILE", description = "The result (default: NAME.scored.EXT beside FILE).")
    @Nullable
    private String to;

    @Option(
            names = "--format",
            paramLabel = "FORM",
            description = "Of the result: csv, tsv, jsonl (also with .gz) or parquet (default: that of FILE).")
    @Nullable
    private String format;

    @Option(names = "--force", description = "Replace the result's file when it is there.")
    private boolean force;

    @Option(
            names = "--max-errors",
            paramLabel = "N",
            description = "Give up when more rows than these cannot be scored (default: never).")
    @Nullable
    private Long maxErrors;

    @Option(
            names = "--wait",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Wait for the end (default).")
    private boolean wait;

    @Override
    Integer execute() {
        if ((endpoint == null) == (model == null)) {
            throw new CommandFailure(ExitCode.USAGE, "name what scores: either --endpoint or --model");
        }
        Path path = context().workingFolder().resolve(file).toAbsolutePath().normalize();
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new CommandFailure(ExitCode.ERROR, "cannot read " + file + ": it is not there or no file");
        }
        PerennialClient client = client();
        JsonNode job = ordered(client, path);
        String id = job.path("id").asText();
        terminal()
                .progress("scoring " + id + ": " + path.getFileName() + " by version "
                        + job.path("version").asText());
        Scored scored = new Scored(this, client, id);
        if (!wait) {
            return scored.left(job);
        }
        JsonNode ended = scored.ended();
        if (ended.path("state").asText().equals("DONE") && ended.path("output").isNull()) {
            return scored.told(ended, scored.fetched(ended, target(path, ended), force));
        }
        return scored.told(ended, ended.path("output").asText());
    }

    private JsonNode ordered(PerennialClient client, Path path) {
        if (loopback(client.server().getHost())) {
            try {
                ObjectNode order = order(client).put("input", path.toString());
                if (to != null) {
                    order.put("output", target(path, order).toString());
                }
                return client.post("/api/scorings", order);
            } catch (ClientException e) {
                // it may not, or is not on this machine after all: another port of this one may lead anywhere
                if (!"input".equals(e.field())) {
                    throw e;
                }
            }
        }
        return sent(client, path);
    }

    private JsonNode sent(PerennialClient client, Path path) {
        ObjectNode order = order(client)
                .put("name", String.valueOf(path.getFileName()))
                .put("digest", Digest.ofFile(path).hex());
        if (to != null) {
            Scored.refuseExisting(target(path, order), force);
        }
        JsonNode job = client.post("/api/scorings", order);
        if (to == null) {
            Scored.refuseExisting(target(path, job), force);
        }
        terminal().progress("sending " + BackupProcess.bytes(size(path)));
        client.upload("/api/scorings/" + job.path("id").asText() + "/input", path);
        return job;
    }

    private ObjectNode order(PerennialClient client) {
        ObjectNode order = client.object().put("force", force);
        if (endpoint != null) {
            order.put("endpoint", endpoint);
        }
        if (model != null) {
            order.put("model", model);
        }
        if (minor) {
            order.put("minor", true);
        }
        if (format != null) {
            order.put("resultFormat", format);
        }
        if (maxErrors != null) {
            order.put("errorsMax", maxErrors);
        }
        return order;
    }

    /** Where the result goes on this machine. */
    private Path target(Path input, JsonNode job) {
        return to == null
                ? input.resolveSibling(job.path("resultName").asText())
                : context().workingFolder().resolve(to).toAbsolutePath().normalize();
    }

    private static long size(Path path) {
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.ERROR, "cannot read " + path, e);
        }
    }
}
