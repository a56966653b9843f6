package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.Rows.Column;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds models, or versions. */
@Command(
        name = "search",
        mixinStandardHelpOptions = true,
        description = "Finds registered models, or with --versions their versions, by name, tags, run or number.",
        footer = {
            "",
            "Examples:",
            "  perennial models search",
            "  perennial models search \"name LIKE 'flight%%' AND tags.team = 'ops'\" --order 'name DESC'",
            "  perennial models search --versions \"run_id = '0123abcd'\" --output json"
        })
final class RegistrySearchCommand extends CliCommand {
    private static final int LIMIT_MAX = 1000;

    @Parameters(arity = "0..1", paramLabel = "FILTER", description = "A filter as MLflow's searches take it.")
    @Nullable
    String filter;

    @Option(names = "--versions", description = "Find versions instead of models.")
    boolean versions;

    @Option(names = "--order", paramLabel = "KEY", description = "A key, with DESC to turn it round.")
    @Nullable
    String order;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 100, at most 1000).")
    int limit = 100;

    @Override
    Integer execute() {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new CommandFailure(ExitCode.USAGE, "--limit " + limit + " must be between 1 and " + LIMIT_MAX);
        }
        JsonNode found =
                client().get((versions ? RegistryCommands.VERSIONS : RegistryCommands.MODELS) + "search", query());
        List<JsonNode> items = new ArrayList<>();
        found.path(versions ? "model_versions" : "registered_models").forEach(items::add);
        if (versions) {
            printVersions(items);
        } else {
            printModels(items);
        }
        return ExitCode.OK;
    }

    private Map<String, String> query() {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("max_results", String.valueOf(limit));
        if (filter != null) {
            query.put("filter", filter);
        }
        if (order != null) {
            query.put("order_by", order);
        }
        return query;
    }

    private void printVersions(List<JsonNode> items) {
        Rows.print(
                this,
                items,
                "no version fits",
                new Column(
                        "VERSION",
                        item -> item.path("name").asText() + "/"
                                + item.path("version").asText()),
                new Column("ALIASES", item -> RegistryCommands.joined(item.path("aliases"), "", "")),
                Column.of("STAGE", "current_stage"),
                Column.of("STATUS", "status"),
                Column.time("CREATED", "creation_timestamp"),
                Column.of("SOURCE", "source"));
    }

    private void printModels(List<JsonNode> items) {
        Rows.print(
                this,
                items,
                "no model fits",
                Column.of("MODEL", "name"),
                new Column("ALIASES", item -> RegistryCommands.joined(item.path("aliases"), "alias", "version")),
                new Column("TAGS", item -> RegistryCommands.joined(item.path("tags"), "key", "value")),
                Column.time("UPDATED", "last_updated_timestamp"),
                Column.of("DESCRIPTION", "description"));
    }
}
