package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.client.PerennialClient;
import dev.perennial.kernel.VersionId;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Rebuilds a version from its lineage. */
@Command(
        name = "reproduce",
        mixinStandardHelpOptions = true,
        description =
                "Rebuilds a model version from its lineage and compares: bit-identical, numerically equal, or different.",
        footer = {
            "",
            "Examples:",
            "  perennial reproduce flight-delay/3",
            "",
            "Exit codes: 0 identical or equal, 2 different, 3 the rebuild failed."
        })
final class ReproduceCommand extends CliCommand {
    private static final List<String> SAME = List.of("IDENTICAL", "EQUAL");

    @Parameters(paramLabel = "MODEL/VERSION", description = "The version, for example flight-delay/3.")
    String version = "";

    @Override
    Integer execute() {
        VersionId id = VersionId.parse(version);
        PerennialClient client = client();
        terminal().progress("rebuilding " + id + " from its lineage");
        JsonNode answer = client.reproduce(id.model().toString(), id.number());
        if (json()) {
            terminal().json(answer);
        } else {
            terminal().line(id + ": " + Rows.text(answer.path("verdict")) + "  " + Rows.text(answer.path("text")));
        }
        return SAME.contains(answer.path("verdict").asText()) ? ExitCode.OK : ExitCode.DIFFERENT;
    }
}
