package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.Rows.Column;
import dev.perennial.kernel.VersionId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists models, the versions of one, or tells one version. */
@Command(
        name = "models",
        mixinStandardHelpOptions = true,
        description = {
            "Lists models; with a name its versions; with NAME/NUMBER that version's verdicts and lineage.",
            "The subcommands work on the registry, where also the models are that people registered."
        },
        subcommands = {
            RegistrySearchCommand.class,
            RegistryCommands.Show.class,
            RegistryCommands.Alias.class,
            RegistryCommands.Tag.class,
            RegistryCommands.Describe.class,
            RegistryCommands.Delete.class,
        },
        footer = {
            "",
            "Examples:",
            "  perennial models",
            "  perennial models flight-delay",
            "  perennial models flight-delay/3 --output json",
            "  perennial models search \"tags.team = 'flights'\""
        })
final class ModelsCommand extends CliCommand {
    @Parameters(arity = "0..1", paramLabel = "MODEL[/VERSION]", description = "A model or one of its versions.")
    @Nullable
    String name;

    @Override
    Integer execute() {
        if (name == null) {
            models();
        } else if (name.indexOf('/') >= 0) {
            VersionId version = VersionId.parse(name);
            version(client().version(version.model().toString(), version.number()), name);
        } else {
            versions(client().modelItems(name, "versions", Integer.MAX_VALUE), name);
        }
        return ExitCode.OK;
    }

    private void models() {
        Rows.print(
                this,
                client().models(),
                "no model yet; 'perennial apply LIFECYCLE' makes one",
                Column.of("MODEL", "model"),
                Column.of("STATE", "state"),
                Column.of("CHAMPION", "champion"),
                Column.of("CANDIDATE", "candidate"),
                Column.of("RISK", "risk"),
                Column.of("OWNER", "owner"),
                Column.of("ALERTS", "openAlerts"),
                Column.of("RECORDS", "records"),
                Column.of("LABELS", "labels"),
                new Column("LOG LOSS 14D", item -> Rows.text(item.at("/performance/logLoss/value"))),
                Column.time("CLOCK", "clock"),
                Column.of("TITLE", "title"));
    }

    private void versions(List<JsonNode> versions, String model) {
        Rows.print(
                this,
                versions,
                "model " + model + " has no version yet",
                Column.of("VERSION", "version"),
                Column.of("STATE", "state"),
                Column.time("EVENT TIME", "eventTime"),
                Column.of("SOURCE", "source"),
                Column.of("FORMAT", "format"),
                new Column("VERDICTS", ModelsCommand::verdicts));
    }

    private static String verdicts(JsonNode version) {
        List<String> texts = new ArrayList<>();
        version.path("verdicts")
                .forEach(verdict -> texts.add(verdict.path("verdict").asText()));
        return String.join(" ", texts);
    }

    private void version(JsonNode version, String id) {
        if (json()) {
            terminal().json(version);
            return;
        }
        JsonNode lineage = version.path("lineage");
        terminal()
                .facts(List.of(
                        List.of("version", id),
                        List.of("state", Rows.text(version.path("state"))),
                        List.of("event time", Terminal.time(version.path("eventTime"))),
                        List.of("format", Rows.text(version.path("format")) + ", " + Rows.text(version.path("source"))),
                        List.of("run", Rows.text(version.path("runId"))),
                        List.of("snapshot", Rows.text(lineage.path("snapshot"))),
                        List.of("lifecycle", Rows.text(lineage.path("lifecycle"))),
                        List.of("metrics", Rows.text(version.path("metrics")))));
        version.path("verdicts")
                .forEach(verdict -> terminal()
                        .line(verdict.path("verdict").asText() + "  "
                                + verdict.path("gate").asText() + ": "
                                + verdict.path("text").asText()));
        lineage.path("approvals")
                .forEach(approval -> terminal()
                        .line("signed by " + approval.path("by").asText() + " (not authenticated) "
                                + Terminal.time(approval.path("at")) + ": "
                                + approval.path("reason").asText()));
    }
}
