package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.cli.Rows.Column;
import dev.perennial.client.PerennialClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** People and services that sign in. */
@Command(
        name = "users",
        mixinStandardHelpOptions = true,
        description = "Lists, makes, changes and deletes users and services.",
        footer = {
            "",
            "Examples:",
            "  perennial users list",
            "  perennial users create ann --role contributor    asks for the password",
            "  perennial users create nightly --service",
            "  perennial users update ann --disable",
            "  perennial users password                         changes your own password",
            "  perennial users recover root                     a lost password, on the server's machine"
        },
        subcommands = {
            UsersCommand.ListAll.class,
            UsersCommand.Create.class,
            UsersCommand.Update.class,
            UsersCommand.Delete.class,
            UsersCommand.Password.class,
            UsersCommand.Recover.class
        })
final class UsersCommand implements Runnable {
    private static final String USERS = "/api/access/users";

    @Override
    public void run() {
        throw new CommandFailure(ExitCode.USAGE, "name what to do: list, create, update, delete, password or recover");
    }

    private static void told(CliCommand command, JsonNode answer, String line) {
        if (command.json()) {
            command.terminal().json(answer);
        } else {
            command.terminal().line(line);
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists users and services.",
            footer = {"", "Examples:", "  perennial users list --output json"})
    static final class ListAll extends CliCommand {
        @Override
        Integer execute() {
            Rows.print(
                    this,
                    client().items(USERS, Map.of(), Integer.MAX_VALUE),
                    "no user",
                    Column.of("NAME", "name"),
                    Column.of("KIND", "kind"),
                    Column.of("ADMINISTRATOR", "administrator"),
                    Column.of("DISABLED", "disabled"),
                    Column.of("PROJECT", "defaultProject"),
                    Column.time("SINCE", "createdAt"));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Makes a user; the password is asked for, or read from the input.",
            footer = {"", "Examples:", "  perennial users create ann --role viewer < password.txt"})
    static final class Create extends CliCommand {
        @Parameters(paramLabel = "NAME", description = "Letters, digits and . _ @ + -")
        String name = "";

        @Option(names = "--service", description = "A service: it has tokens and no password.")
        boolean service;

        @Option(names = "--administrator", description = "May do everything but sign.")
        boolean administrator;

        @Option(
                names = "--role",
                paramLabel = "ROLE",
                description = "In the default project: viewer, contributor, maintainer or approver.")
        @Nullable
        String role;

        @Override
        Integer execute() {
            PerennialClient client = client();
            ObjectNode body = client.object().put("name", name).put("administrator", administrator);
            body.put("kind", service ? "service" : "person");
            if (role != null) {
                body.put("role", role);
            }
            if (!service) {
                body.put("password", LoginCommands.secret(this, "Password for " + name));
            }
            told(this, client.post(USERS, body), "made " + (service ? "service " : "user ") + name);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "update",
            mixinStandardHelpOptions = true,
            description = "Changes a user; what is not named stays.",
            footer = {
                "",
                "Examples:",
                "  perennial users update ann --disable",
                "  perennial users update ann --administrator=false",
                "  perennial users update ann --password < password.txt"
            })
    static final class Update extends CliCommand {
        @Parameters(paramLabel = "NAME", description = "Whom to change.")
        String name = "";

        @Option(names = "--administrator", arity = "0..1", fallbackValue = "true", description = "true or false.")
        @Nullable
        Boolean administrator;

        @Option(names = "--disable", description = "Signs in no more, at once.")
        boolean disable;

        @Option(names = "--enable", description = "Signs in again.")
        boolean enable;

        @Option(names = "--password", description = "Ask for a new password.")
        boolean password;

        @Option(names = "--project", paramLabel = "PROJECT", description = "Where requests go that name no project.")
        @Nullable
        String project;

        @Override
        Integer execute() {
            if (disable && enable) {
                throw new CommandFailure(ExitCode.USAGE, "--disable and --enable exclude each other");
            }
            PerennialClient client = client();
            ObjectNode body = client.object();
            if (administrator != null) {
                body.put("administrator", administrator);
            }
            if (disable || enable) {
                body.put("disabled", disable);
            }
            if (project != null) {
                body.put("defaultProject", project);
            }
            if (password) {
                body.put("password", LoginCommands.secret(this, "New password for " + name));
            }
            if (body.isEmpty()) {
                throw new CommandFailure(
                        ExitCode.USAGE, "name what to change; 'perennial users update --help' lists it");
            }
            told(this, client.post(USERS + "/" + name + "/update", body), "changed user " + name);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Deletes a user with tokens, roles and grants.",
            footer = {"", "Examples:", "  perennial users delete ann"})
    static final class Delete extends CliCommand {
        @Parameters(paramLabel = "NAME", description = "Whom to delete.")
        String name = "";

        @Override
        Integer execute() {
            told(this, client().delete(USERS + "/" + name), "deleted user " + name);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "password",
            mixinStandardHelpOptions = true,
            description = {
                "Changes your own password: asks for the present one and the new one, or reads them from two lines of the",
                "input. Your browser sessions end; your tokens stay."
            },
            footer = {
                "",
                "Examples:",
                "  perennial users password",
                "  perennial users password --user ann < two-lines.txt"
            })
    static final class Password extends CliCommand {
        @Option(names = "--user", paramLabel = "NAME", description = "Who you are (default: --actor or $USER).")
        @Nullable
        String user;

        @Override
        Integer execute() {
            String name = user == null ? actor() : user;
            List<String> typed = LoginCommands.secrets(this, "Present password of " + name, "New password of " + name);
            PerennialClient client = anonymous().signedIn(LoginCommands.basic(name, typed.getFirst()));
            ObjectNode body = client.object().put("current", typed.getFirst()).put("password", typed.getLast());
            told(
                    this,
                    client.post("/api/access/password", body),
                    "changed the password of " + name + "; browser sessions ended, tokens stay");
            return ExitCode.OK;
        }
    }

    @Command(
            name = "recover",
            mixinStandardHelpOptions = true,
            description = {
                "Gives an administrator a new password, or makes one, when nobody can sign in any more.",
                "Runs on the server's machine, as who may read the data directory; the ledger tells it. All tokens and",
                "browser sessions of the account end."
            },
            footer = {"", "Examples:", "  perennial users recover root --data-dir /srv/perennial"})
    static final class Recover extends CliCommand {
        @Parameters(paramLabel = "NAME", description = "The administrator.")
        String name = "";

        @Override
        Integer execute() {
            Path file = dataDir().resolve("internal.token");
            String token;
            try {
                token = Files.readString(file).strip();
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCode.DENIED,
                        "cannot read " + file
                                + ": recovery is for who may read the data directory; name it with --data-dir",
                        e);
            }
            PerennialClient client = anonymous().signedIn("Bearer " + token);
            String password = LoginCommands.secret(this, "New password for " + name);
            JsonNode answer =
                    client.post(USERS + "/" + name + "/recover", client.object().put("password", password));
            told(
                    this,
                    answer,
                    "administrator " + name + " can sign in with the new password; ended "
                            + answer.path("tokensEnded").asInt() + " tokens and "
                            + answer.path("sessionsEnded").asInt() + " sessions of the account");
            return ExitCode.OK;
        }
    }
}
