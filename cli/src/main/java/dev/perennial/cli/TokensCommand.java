package dev.perennial.cli;

import dev.perennial.cli.Rows.Column;
import dev.perennial.client.PerennialClient;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tokens for jobs and clients. */
@Command(
        name = "tokens",
        mixinStandardHelpOptions = true,
        description = "Lists, makes and revokes tokens. A token makes no tokens: sign in with --user.",
        footer = {
            "",
            "Examples:",
            "  perennial tokens list --user ann",
            "  perennial tokens create nightly --user ann --project fraud --role contributor --days 30",
            "  perennial tokens create shop --user ann --endpoint flight-delay      for asking it, and nothing else",
            "  perennial tokens create edge --user ann --scorer edge-1 --endpoints flight-delay,churn",
            "  perennial tokens revoke 3k5q7n2m4x6z"
        },
        subcommands = {TokensCommand.ListAll.class, TokenCreateCommand.class, TokensCommand.Revoke.class})
final class TokensCommand implements Runnable {
    static final String TOKENS = "/api/access/tokens";

    @Override
    public void run() {
        throw new CommandFailure(ExitCode.USAGE, "name what to do: list, create or revoke");
    }

    /** Signs in by password, because a token does not manage tokens. */
    abstract static class BySelf extends CliCommand {
        @Option(names = "--user", paramLabel = "NAME", description = "Who you are (default: --actor or $USER).")
        @Nullable
        String user;

        @Option(names = "--for", paramLabel = "NAME", description = "Whose tokens (default: your own).")
        @Nullable
        String owner;

        PerennialClient self() {
            String name = user == null ? actor() : user;
            return anonymous().signedIn(LoginCommands.basic(name, LoginCommands.secret(this, "Password of " + name)));
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists tokens, the newest first; their secrets are shown to nobody.",
            footer = {"", "Examples:", "  perennial tokens list --user root --for ann"})
    static final class ListAll extends BySelf {
        @Override
        Integer execute() {
            Rows.print(
                    this,
                    self().items(TOKENS, owner == null ? Map.of() : Map.of("user", owner), Integer.MAX_VALUE),
                    "no token",
                    Column.of("ID", "id"),
                    Column.of("NAME", "name"),
                    Column.of("USER", "user"),
                    Column.of("PROJECT", "project"),
                    Column.of("ROLE", "role"),
                    Column.of("ENDPOINT", "endpoint"),
                    Column.of("SCORER", "scorer"),
                    Column.time("EXPIRES", "expiresAt"),
                    Column.time("USED", "usedAt"),
                    Column.time("REVOKED", "revokedAt"));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = "Ends a token at once.",
            footer = {"", "Examples:", "  perennial tokens revoke 3k5q7n2m4x6z --user ann"})
    static final class Revoke extends BySelf {
        @Parameters(paramLabel = "ID", description = "The id in the list, and the third part of the token.")
        String id = "";

        @Override
        Integer execute() {
            PerennialClient client = self();
            client.post(TOKENS + "/" + id + "/revoke", client.object());
            terminal().line("revoked token " + id);
            return ExitCode.OK;
        }
    }
}
