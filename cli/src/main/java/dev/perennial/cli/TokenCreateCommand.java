package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.client.PerennialClient;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a token. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = "Makes a token and shows it, once.",
        footer = {"", "Examples:", "  perennial tokens create laptop --user ann --days 365"})
final class TokenCreateCommand extends TokensCommand.BySelf {
    @Parameters(paramLabel = "NAME", description = "What it is for.")
    String name = "";

    @Option(names = "--project", paramLabel = "PROJECT", description = "The only project that it is for.")
    @Nullable
    String project;

    @Option(names = "--role", paramLabel = "ROLE", description = "The most that it may do.")
    @Nullable
    String role;

    @Option(names = "--endpoint", paramLabel = "ENDPOINT", description = "The only endpoint that it may ask.")
    @Nullable
    String endpoint;

    @Option(names = "--scorer", paramLabel = "NAME", description = "The only scorer that it is for; with --endpoints.")
    @Nullable
    String scorer;

    @Option(
            names = "--endpoints",
            paramLabel = "A,B",
            split = ",",
            description = "Endpoints that the scorer may serve.")
    List<String> endpoints = List.of();

    @Option(names = "--days", paramLabel = "N", description = "How long it lasts, 1 to 366 (default: 90).")
    @Nullable
    Integer days;

    @Override
    Integer execute() {
        PerennialClient client = self();
        JsonNode token = client.post(TokensCommand.TOKENS, wanted(client));
        if (json()) {
            terminal().json(token);
        } else {
            terminal().line(token.path("token").asText());
        }
        return ExitCode.OK;
    }

    private ObjectNode wanted(PerennialClient client) {
        ObjectNode body = client.object().put("name", name);
        put(body, "project", project);
        put(body, "role", role);
        put(body, "endpoint", endpoint);
        put(body, "scorer", scorer);
        put(body, "user", owner);
        if (!endpoints.isEmpty()) {
            endpoints.forEach(body.putArray("endpoints")::add);
        }
        if (days != null) {
            body.put("days", days);
        }
        return body;
    }

    private static void put(ObjectNode body, String key, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            body.put(key, value);
        }
    }
}
