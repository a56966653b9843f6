package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends outcomes. */
@Command(
        name = "labels",
        mixinStandardHelpOptions = true,
        description = "Sends labels: what really happened to predicted things. Sending one twice counts once.",
        footer = {
            "",
            "Examples:",
            "  perennial labels flight-delay --data labels.json",
            "",
            "Data: [{\"id\": \"...\", \"label\": 1, \"eventTime\": MILLIS, \"knownAt\": MILLIS}, ...]"
        })
final class LabelsCommand extends CliCommand {
    @Parameters(paramLabel = "MODEL", description = "The model; MODEL@REPLAY inside a replay.")
    String model = "";

    @Option(names = "--data", paramLabel = "FILE", description = "Labels; - reads standard input (default).")
    String data = "-";

    @Override
    Integer execute() {
        JsonNode tree = parseJson(data, read(data));
        JsonNode list = tree.path("labels").isArray() ? tree.get("labels") : tree;
        if (!list.isArray() || list.isEmpty()) {
            throw new CommandFailure(ExitCode.ERROR, data + " holds no list of labels");
        }
        ArrayNode labels = new ObjectMapper().createArrayNode();
        list.forEach(labels::add);
        JsonNode answer = client().labels(model, labels);
        if (json()) {
            terminal().json(answer);
        } else {
            terminal().line("sent " + labels.size() + (labels.size() == 1 ? " label" : " labels"));
        }
        return ExitCode.OK;
    }
}
