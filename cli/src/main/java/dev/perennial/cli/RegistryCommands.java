package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What people do with registered models and versions. */
final class RegistryCommands {
    private static final String API = "/ajax-api/2.0/mlflow/";
    static final String MODELS = API + "registered-models/";
    static final String VERSIONS = API + "model-versions/";
    private static final String OBJECT = "MODEL[/VERSION]";

    private RegistryCommands() {}

    /**
     * What a command is about.
     *
     * @param version null for the whole model
     */
    private record Target(String model, @Nullable String version) {
        static Target of(String text) {
            int slash = text.lastIndexOf('/');
            return slash < 0 ? new Target(text, null) : new Target(text.substring(0, slash), text.substring(slash + 1));
        }

        String route() {
            return version == null ? MODELS : VERSIONS;
        }

        ObjectNode body() {
            ObjectNode body = new ObjectMapper().createObjectNode().put("name", model);
            return version == null ? body : body.put("version", version);
        }

        Map<String, String> query() {
            return version == null ? Map.of("name", model) : Map.of("name", model, "version", version);
        }

        @Override
        public String toString() {
            return version == null ? model : model + "/" + version;
        }
    }

    static String joined(JsonNode items, String key, String value) {
        List<String> texts = new ArrayList<>();
        items.forEach(item -> texts.add(
                item.isTextual()
                        ? item.asText()
                        : item.path(key).asText() + "=" + item.path(value).asText()));
        return String.join(" ", texts);
    }

    /** What the commands share that are about one model or version. */
    abstract static class OnOne extends CliCommand {
        @Parameters(index = "0", paramLabel = OBJECT, description = "A model or one of its versions.")
        String object = "";

        Target target() {
            return Target.of(object);
        }

        /** Says what was done, or prints what came back. */
        Integer done(JsonNode answer, String text) {
            if (json()) {
                terminal().json(answer);
            } else {
                terminal().line(text);
            }
            return ExitCode.OK;
        }
    }

    /** Tells a model or a version. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Tells what the registry has of a model or a version.",
            footer = {"", "Examples:", "  perennial models show churn", "  perennial models show churn/3 --output json"
            })
    static final class Show extends OnOne {
        @Override
        Integer execute() {
            JsonNode found = client().get(target().route() + "get", target().query());
            JsonNode shown = found.path(target().version() == null ? "registered_model" : "model_version");
            if (json()) {
                terminal().json(shown);
                return ExitCode.OK;
            }
            List<List<String>> facts = new ArrayList<>();
            facts.add(List.of("name", target().toString()));
            for (String key : List.of("description", "current_stage", "status", "status_message", "source", "run_id")) {
                if (shown.hasNonNull(key)) {
                    facts.add(List.of(key.replace('_', ' '), shown.path(key).asText()));
                }
            }
            facts.add(List.of("aliases", joined(shown.path("aliases"), "alias", "version")));
            facts.add(List.of("tags", joined(shown.path("tags"), "key", "value")));
            facts.add(List.of("created", Terminal.time(shown.path("creation_timestamp"))));
            facts.add(List.of("updated", Terminal.time(shown.path("last_updated_timestamp"))));
            terminal().facts(facts);
            return ExitCode.OK;
        }
    }

    /** Sets or removes an alias. */
    @Command(
            name = "alias",
            mixinStandardHelpOptions = true,
            description = "Points an alias at a version; with --delete removes it from the model.",
            footer = {
                "",
                "Examples:",
                "  perennial models alias churn/3 live",
                "  perennial models alias churn live --delete"
            })
    static final class Alias extends OnOne {
        @Parameters(index = "1", paramLabel = "ALIAS", description = "The alias.")
        String alias = "";

        @Option(names = "--delete", description = "Remove it.")
        boolean delete;

        @Override
        Integer execute() {
            Target target = target();
            if (delete) {
                JsonNode answer = client().delete(
                                MODELS + "alias",
                                new Target(target.model(), null).body().put("alias", alias));
                return done(answer, "alias " + alias + " of " + target.model() + " is removed");
            }
            if (target.version() == null) {
                throw new CommandFailure(
                        ExitCode.USAGE, "name a version for the alias, such as " + target.model() + "/1");
            }
            return done(
                    client().postRepeatable(MODELS + "alias", target.body().put("alias", alias)),
                    "alias " + alias + " points to " + target);
        }
    }

    /** Sets or removes a tag. */
    @Command(
            name = "tag",
            mixinStandardHelpOptions = true,
            description = "Sets a tag of a model or a version; with --delete removes it.",
            footer = {
                "",
                "Examples:",
                "  perennial models tag churn team=ops",
                "  perennial models tag churn/3 checked=yes",
                "  perennial models tag churn/3 checked --delete"
            })
    static final class Tag extends OnOne {
        @Parameters(index = "1", paramLabel = "KEY=VALUE", description = "The tag; to remove it the key alone.")
        String tag = "";

        @Option(names = "--delete", description = "Remove it.")
        boolean delete;

        @Override
        Integer execute() {
            Target target = target();
            int equal = tag.indexOf('=');
            if (delete) {
                return done(
                        client().delete(
                                        target.route() + "delete-tag",
                                        target.body().put("key", tag)),
                        "tag " + tag + " of " + target + " is removed");
            }
            if (equal < 1) {
                throw new CommandFailure(ExitCode.USAGE, "'" + tag + "' is no tag; write it like team=ops");
            }
            ObjectNode body = target.body().put("key", tag.substring(0, equal)).put("value", tag.substring(equal + 1));
            return done(client().postRepeatable(target.route() + "set-tag", body), target + " has the tag " + tag);
        }
    }

    /** Describes a model or a version. */
    @Command(
            name = "describe",
            mixinStandardHelpOptions = true,
            description = "Sets the description of a model or a version.",
            footer = {"", "Examples:", "  perennial models describe churn/3 'trained on the new labels'"})
    static final class Describe extends OnOne {
        @Parameters(index = "1", paramLabel = "TEXT", description = "The description; an empty one takes it away.")
        String text = "";

        @Override
        Integer execute() {
            return done(
                    client().patch(target().route() + "update", target().body().put("description", text)),
                    target() + " is described");
        }
    }

    /** Deletes a model or a version. */
    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Deletes a version, or a model with all its versions, from the registry; artifacts stay.",
            footer = {
                "",
                "Examples:",
                "  perennial models delete churn/3 --yes",
                "  perennial models delete churn --yes"
            })
    static final class Delete extends OnOne {
        @Option(names = "--yes", description = "Really.")
        boolean yes;

        @Override
        Integer execute() {
            if (!yes) {
                throw new CommandFailure(
                        ExitCode.USAGE, "this deletes " + target() + " for good; say --yes if that is wanted");
            }
            return done(client().delete(target().route() + "delete", target().body()), target() + " is deleted");
        }
    }
}
