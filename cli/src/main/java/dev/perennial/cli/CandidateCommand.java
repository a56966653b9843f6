package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks for a candidate by hand. */
@Command(
        name = "candidate",
        mixinStandardHelpOptions = true,
        description =
                "Asks for a candidate now: trained as applied, from another lifecycle file, or a model from outside.",
        footer = {
            "",
            "Examples:",
            "  perennial candidate flight-delay --reason 'new airline joined'",
            "  perennial candidate flight-delay --lifecycle trial.yaml --reason 'try more trees'",
            "  perennial candidate flight-delay --model-file m.onnx --manifest-file m.json --reason 'from the lab'"
        })
final class CandidateCommand extends LifecycleFileCommand {
    @Parameters(paramLabel = "MODEL", description = "The model; MODEL@REPLAY inside a replay.")
    String model = "";

    @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Why; it is recorded.")
    String reason = "";

    @Option(names = "--lifecycle", paramLabel = "FILE", description = "Train as this file says, without applying it.")
    @Nullable
    String lifecycle;

    @Option(names = "--model-file", paramLabel = "FILE", description = "A model made elsewhere.")
    @Nullable
    Path modelFile;

    @Option(
            names = "--manifest-file",
            paramLabel = "FILE",
            description = "The manifest of that model: format, signature, categories.")
    @Nullable
    Path manifestFile;

    @Override
    String file() {
        return lifecycle == null ? "" : lifecycle;
    }

    @Override
    Integer execute() {
        if ((modelFile == null) != (manifestFile == null)) {
            throw new CommandFailure(ExitCode.USAGE, "--model-file and --manifest-file come together");
        }
        ObjectNode body = object().put("reason", reason);
        if (lifecycle != null) {
            String text = read(lifecycle);
            parsed(text);
            body.put("text", text).put("path", path().toString());
        }
        if (modelFile != null && manifestFile != null) {
            Path here = context().workingFolder();
            body.put("modelFile", here.resolve(modelFile).toAbsolutePath().toString());
            body.put("manifestFile", here.resolve(manifestFile).toAbsolutePath().toString());
        }
        JsonNode answer = client().candidate(model, body);
        if (json()) {
            terminal().json(answer);
        } else {
            terminal()
                    .line("asked for a candidate of " + model + "; 'perennial decisions " + model
                            + "' tells what becomes of it");
        }
        return ExitCode.OK;
    }
}
