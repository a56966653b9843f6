package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.perennial.cli.Rows.Column;
import dev.perennial.client.PerennialClient;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Scores records. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description = "Scores records at an endpoint.",
        footer = {
            "",
            "Examples:",
            "  perennial predict flight-delay --data records.json",
            "  echo '{\"flight_id\": \"1\", \"carrier\": \"AA\", ...}' | perennial predict flight-delay",
            "",
            "Data: one JSON record, a list of records, {\"records\": [...]}, or one record a line."
        })
final class PredictCommand extends CliCommand {
    @Parameters(paramLabel = "ENDPOINT", description = "The endpoint, named like its model.")
    String endpoint = "";

    @Option(names = "--data", paramLabel = "FILE", description = "Records; - reads standard input (default).")
    String data = "-";

    @Override
    Integer execute() {
        ArrayNode records = records(read(data));
        PerennialClient client = client();
        List<JsonNode> endpoints = client.endpoints();
        JsonNode found = endpoints.stream()
                .filter(item -> item.path("name").asText().equals(endpoint))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.ERROR,
                        "no endpoint '" + endpoint + "'; there is "
                                + (endpoints.isEmpty()
                                        ? "none yet"
                                        : String.join(
                                                ", ",
                                                endpoints.stream()
                                                        .map(item -> item.path("name")
                                                                .asText())
                                                        .toList()))));
        JsonNode answer = client.predict(found, records);
        if (json()) {
            terminal().json(answer);
        } else {
            Rows.print(
                    this,
                    LifecycleFileCommand.list(answer.path("predictions")),
                    "no prediction",
                    Column.of("ID", "id"),
                    Column.of("SCORE", "score"),
                    Column.of("VERSION", "version"),
                    Column.of("ROLE", "role"),
                    Column.of("FALLBACK", "fallback"));
        }
        return ExitCode.OK;
    }

    private ArrayNode records(String text) {
        ArrayNode records = new ObjectMapper().createArrayNode();
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        boolean onePerLine = lines.size() > 1
                && lines.stream()
                        .allMatch(line ->
                                line.strip().startsWith("{") && line.strip().endsWith("}"));
        if (onePerLine) {
            lines.forEach(line -> records.add(parseJson(data, line)));
            return records;
        }
        JsonNode tree = parseJson(data, text);
        JsonNode list = tree.path("records").isArray() ? tree.get("records") : tree;
        if (list.isArray()) {
            list.forEach(records::add);
        } else {
            records.add(list);
        }
        if (records.isEmpty() || !records.get(0).isObject()) {
            String from = data.equals("-") ? "standard input" : data;
            throw new CommandFailure(ExitCode.ERROR, from + " holds no record; write {\"column\": value, ...}");
        }
        return records;
    }
}
