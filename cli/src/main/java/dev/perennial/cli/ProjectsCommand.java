package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.cli.Rows.Column;
import dev.perennial.client.PerennialClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Projects and who is what in them. */
@Command(
        name = "projects",
        mixinStandardHelpOptions = true,
        description = "Lists, makes and deletes projects, and says who is what in them.",
        footer = {
            "",
            "Examples:",
            "  perennial projects create fraud --description 'Card fraud'",
            "  perennial projects grant fraud ann maintainer",
            "  perennial projects change fraud ann viewer approver    exactly these roles",
            "  perennial projects members fraud",
            "Roles: viewer, contributor, maintainer, approver; administrators are so everywhere."
        },
        subcommands = {
            ProjectsCommand.ListAll.class,
            ProjectsCommand.Show.class,
            ProjectsCommand.Create.class,
            ProjectsCommand.Delete.class,
            ProjectsCommand.Members.class,
            ProjectsCommand.Grant.class,
            ProjectsCommand.Change.class,
            ProjectsCommand.Revoke.class
        })
final class ProjectsCommand implements Runnable {
    private static final String PROJECTS = "/api/access/projects";

    @Override
    public void run() {
        throw new CommandFailure(
                ExitCode.USAGE, "name what to do: list, show, create, delete, members, grant, change or revoke");
    }

    private static String roles(JsonNode member) {
        List<String> names = new ArrayList<>();
        member.path("roles").forEach(role -> names.add(role.asText()));
        return String.join(", ", names);
    }

    /** Prints who is what. */
    private static void members(CliCommand command, JsonNode project) {
        if (command.json()) {
            command.terminal().json(project);
            return;
        }
        List<JsonNode> members = new ArrayList<>();
        project.path("members").forEach(members::add);
        Rows.print(
                command,
                members,
                "project " + project.path("name").asText() + " has no members",
                Column.of("USER", "user"),
                Column.of("ROLE", "role"));
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the projects that you may read.",
            footer = {"", "Examples:", "  perennial projects list --output json"})
    static final class ListAll extends CliCommand {
        @Override
        Integer execute() {
            Rows.print(
                    this,
                    client().items(PROJECTS, Map.of(), Integer.MAX_VALUE),
                    "no project",
                    Column.of("NAME", "name"),
                    Column.of("DESCRIPTION", "description"));
            return ExitCode.OK;
        }
    }

    /** A command about one project. */
    abstract static class One extends CliCommand {
        @Parameters(index = "0", paramLabel = "PROJECT", description = "The project.")
        String project = "";

        String path(String more) {
            return PROJECTS + "/" + project + more;
        }
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows who is what in a project.",
            footer = {"", "Examples:", "  perennial projects show fraud"})
    static final class Show extends One {
        @Override
        Integer execute() {
            members(this, client().get(path("")));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Makes a project.",
            footer = {"", "Examples:", "  perennial projects create fraud"})
    static final class Create extends One {
        @Option(names = "--description", paramLabel = "TEXT", description = "What it is for.")
        String description = "";

        @Override
        Integer execute() {
            PerennialClient client = client();
            JsonNode made =
                    client.post(PROJECTS, client.object().put("name", project).put("description", description));
            if (json()) {
                terminal().json(made);
            } else {
                terminal().line("made project " + project);
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Deletes an empty project.",
            footer = {"", "Examples:", "  perennial projects delete fraud"})
    static final class Delete extends One {
        @Override
        Integer execute() {
            client().delete(path(""));
            terminal().line("deleted project " + project);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "members",
            mixinStandardHelpOptions = true,
            description = "Lists who has which roles in a project, one line a person.",
            footer = {"", "Examples:", "  perennial projects members fraud --output json"})
    static final class Members extends One {
        @Override
        Integer execute() {
            Rows.print(
                    this,
                    client().items(path("/members"), Map.of(), Integer.MAX_VALUE),
                    "project " + project + " has no members",
                    Column.of("USER", "user"),
                    new Column("ROLES", ProjectsCommand::roles));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "change",
            mixinStandardHelpOptions = true,
            description = "Gives somebody exactly these roles; others that they had are taken away.",
            footer = {
                "",
                "Examples:",
                "  perennial projects change fraud ann contributor",
                "  perennial projects change fraud ann viewer approver"
            })
    static final class Change extends One {
        @Parameters(index = "1", paramLabel = "USER", description = "Who.")
        String user = "";

        @Parameters(
                index = "2..*",
                arity = "1..*",
                paramLabel = "ROLE",
                description = "viewer, contributor, maintainer, approver.")
        List<String> roles = List.of();

        @Override
        Integer execute() {
            PerennialClient client = client();
            ObjectNode body = client.object();
            roles.forEach(body.withArray("roles")::add);
            JsonNode member = client.put(path("/members/" + user), body);
            if (json()) {
                terminal().json(member);
            } else {
                terminal().line(user + " is now " + String.join(", ", roles) + " in project " + project);
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "grant",
            mixinStandardHelpOptions = true,
            description = "Gives somebody a role.",
            footer = {"", "Examples:", "  perennial projects grant fraud ann approver"})
    static final class Grant extends One {
        @Parameters(index = "1", paramLabel = "USER", description = "Who.")
        String user = "";

        @Parameters(index = "2", paramLabel = "ROLE", description = "viewer, contributor, maintainer or approver.")
        String role = "";

        @Override
        Integer execute() {
            PerennialClient client = client();
            members(
                    this,
                    client.postRepeatable(
                            path("/members"), client.object().put("user", user).put("role", role)));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = "Takes a role away, or all.",
            footer = {
                "",
                "Examples:",
                "  perennial projects revoke fraud ann",
                "  perennial projects revoke fraud ann approver"
            })
    static final class Revoke extends One {
        @Parameters(index = "1", paramLabel = "USER", description = "Who.")
        String user = "";

        @Parameters(index = "2", arity = "0..1", paramLabel = "ROLE", description = "One role (default: all).")
        @Nullable
        String role;

        @Override
        Integer execute() {
            PerennialClient client = client();
            ObjectNode body = client.object().put("user", user);
            if (role != null) {
                body.put("role", role);
            }
            members(this, client.post(path("/members/remove"), body));
            return ExitCode.OK;
        }
    }
}
