package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.Rows.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** Where models answer. */
@Command(
        name = "endpoints",
        mixinStandardHelpOptions = true,
        description = "Lists endpoints: where a model answers, and which versions share its traffic.",
        footer = {"", "Examples:", "  perennial endpoints", "  perennial endpoints --output json"})
final class EndpointsCommand extends CliCommand {
    private static final double BASIS_POINTS_PER_PERCENT = 100;

    @Override
    Integer execute() {
        Rows.print(
                this,
                client().endpoints(),
                "no endpoint yet; a model gets one with its first champion",
                Column.of("ENDPOINT", "name"),
                new Column("VARIANTS", EndpointsCommand::variants),
                Column.of("RECORDS", "records"),
                Column.of("URL", "url"));
        return ExitCode.OK;
    }

    private static String variants(JsonNode endpoint) {
        List<String> texts = new ArrayList<>();
        endpoint.path("variants")
                .forEach(variant -> texts.add(String.format(
                        Locale.ROOT,
                        "%s %s %.0f%%",
                        variant.path("role").asText(),
                        variant.path("version").asText(),
                        variant.path("weight").asDouble() / BASIS_POINTS_PER_PERCENT)));
        return String.join(", ", texts);
    }
}
