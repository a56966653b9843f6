package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.client.ClientException;
import dev.perennial.client.PerennialClient;
import java.io.Console;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Signing in and out of the command line. */
final class LoginCommands {
    private LoginCommands() {}

    /** Reads a secret: from the terminal without showing it, else the first line of the input. */
    static String secret(CliCommand command, String prompt) {
        return secrets(command, prompt).getFirst();
    }

    /** Reads one secret for each prompt: from the terminal without showing them, else one from each line of the input. */
    static List<String> secrets(CliCommand command, String... prompts) {
        Console console = System.console();
        if (command.terminal().interactive() && console != null) {
            return Stream.of(prompts).map(prompt -> typed(console, prompt)).toList();
        }
        List<String> lines = command.read("-").lines().limit(prompts.length).toList();
        if (lines.size() < prompts.length) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "the input must have " + prompts.length + (prompts.length == 1 ? " line (" : " lines (")
                            + String.join(", ", prompts) + "), it has " + lines.size());
        }
        return lines;
    }

    private static String typed(Console console, String prompt) {
        char[] typed = console.readPassword("%s: ", prompt);
        return typed == null ? "" : new String(typed);
    }

    static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    @Command(
            name = "login",
            mixinStandardHelpOptions = true,
            description = "Signs the command line in: keeps a token for the server, readable by you alone.",
            footer = {
                "",
                "Examples:",
                "  perennial login --user ann                     asks for the password",
                "  perennial login --token < token.txt            keeps a token that you have",
                "  PERENNIAL_TOKEN=pnl_svc_... perennial models   for a job, without login"
            })
    static final class Login extends CliCommand {
        private static final int DAYS_DEFAULT = 30;

        @Option(names = "--user", paramLabel = "NAME", description = "Who you are (default: --actor or $USER).")
        @Nullable
        String user;

        @Option(names = "--token", description = "Read a token instead of a password.")
        boolean token;

        @Option(names = "--days", paramLabel = "N", description = "How long the new token lasts (default: 30).")
        int days = DAYS_DEFAULT;

        @Override
        Integer execute() {
            PerennialClient client = anonymous();
            String text = token ? secret(this, "Token").strip() : issued(client);
            JsonNode me = client.signedIn("Bearer " + text).get("/api/access/me");
            if (!me.path("authenticated").asBoolean()) {
                throw new CommandFailure(
                        ExitCode.ERROR, client.server() + " asks nobody to sign in; no login is needed");
            }
            credentials().keep(client.server(), text);
            if (json()) {
                terminal().json(me);
            } else {
                terminal()
                        .line("signed in to " + client.server() + " as "
                                + me.path("user").asText() + "; the token is in "
                                + credentials().file());
            }
            return ExitCode.OK;
        }

        private String issued(PerennialClient client) {
            String name = user == null ? actor() : user;
            ObjectNode body = client.object().put("name", "command line").put("days", days);
            return client.signedIn(basic(name, secret(this, "Password of " + name)))
                    .post("/api/access/tokens", body)
                    .path("token")
                    .asText();
        }
    }

    @Command(
            name = "logout",
            mixinStandardHelpOptions = true,
            description = "Forgets the token that login kept, and revokes it.",
            footer = {"", "Examples:", "  perennial logout", "  perennial logout --server https://ml.example.org"})
    static final class Logout extends CliCommand {
        @Override
        Integer execute() {
            PerennialClient client = client();
            String end = "revoked";
            try {
                String id = client.get("/api/access/me").path("token").asText("");
                if (!id.isEmpty()) {
                    client.post("/api/access/tokens/" + id + "/revoke", client.object());
                }
            } catch (ClientException e) {
                if (e.status() != 401) {
                    throw e;
                }
                end = "was not valid any more";
            }
            credentials().keep(client.server(), null);
            terminal().line("signed out of " + client.server() + "; the token " + end);
            return ExitCode.OK;
        }
    }
}
