package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Why a model is what it is. */
@Command(
        name = "why",
        mixinStandardHelpOptions = true,
        description = "Tells in words why a model is what it is: champion, candidate, last decisions, alerts.",
        footer = {"", "Examples:", "  perennial why flight-delay", "  perennial why flight-delay@spring --output json"})
final class WhyCommand extends CliCommand {
    @Parameters(paramLabel = "MODEL", description = "The model; MODEL@REPLAY inside a replay.")
    String model = "";

    @Override
    Integer execute() {
        JsonNode answer = client().modelPart(model, "why", Map.of());
        if (json()) {
            terminal().json(answer);
        } else {
            answer.path("sentences").forEach(sentence -> terminal().line(sentence.asText()));
        }
        return ExitCode.OK;
    }
}
