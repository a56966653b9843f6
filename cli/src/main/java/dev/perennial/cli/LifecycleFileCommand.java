package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.LifecycleParser;
import dev.perennial.lifecycle.file.ParseResult;
import dev.perennial.lifecycle.file.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the commands that read a lifecycle file share. */
abstract class LifecycleFileCommand extends CliCommand {
    /** As somebody named it. */
    abstract String file();

    Path path() {
        return context().workingFolder().resolve(file()).toAbsolutePath().normalize();
    }

    /** Reads and checks the file without a server. */
    ParseResult parse(String text) {
        Path folder = path().getParent();
        return LifecycleParser.parse(text, folder == null ? path() : folder);
    }

    /** The file, or a failure after every problem was told. */
    LifecycleFile parsed(String text) {
        ParseResult result = parse(text);
        Optional<LifecycleFile> parsed = result.file();
        if (parsed.isEmpty()) {
            tell(problems(result.problems()));
            throw refused(result.problems().size());
        }
        return parsed.get();
    }

    CommandFailure refused(int problems) {
        return new CommandFailure(
                ExitCode.ERROR, file() + " has " + (problems == 1 ? "a problem" : problems + " problems"));
    }

    List<JsonNode> problems(List<Problem> problems) {
        List<JsonNode> nodes = new ArrayList<>();
        for (Problem problem : problems) {
            nodes.add(new ObjectMapper()
                    .createObjectNode()
                    .put("line", problem.line())
                    .put("column", problem.column())
                    .put("field", problem.field())
                    .put("message", problem.message())
                    .put("advice", problem.advice()));
        }
        return nodes;
    }

    /** Problems as compilers tell them: {@code FILE:LINE:COLUMN: FIELD: MESSAGE; ADVICE}, one a line on standard error. */
    void tell(List<JsonNode> problems) {
        for (JsonNode problem : problems) {
            String field = problem.path("field").asText();
            terminal()
                    .progress(file() + ":" + problem.path("line").asInt() + ":"
                            + problem.path("column").asInt() + ": "
                            + (field.isEmpty() ? "" : field + ": ")
                            + problem.path("message").asText() + "; "
                            + problem.path("advice").asText());
        }
    }

    /** Prints the server's answer to plan or apply; fails when it holds problems. */
    void print(JsonNode answer) {
        List<JsonNode> problems = list(answer.path("problems"));
        if (json()) {
            terminal().json(answer);
        } else {
            list(answer.path("changes")).forEach(this::change);
        }
        if (!problems.isEmpty()) {
            tell(problems);
            throw refused(problems.size());
        }
    }

    private void change(JsonNode change) {
        String action = change.path("action").asText();
        String object = change.path("object").asText();
        String field = change.path("field").asText();
        String where = field.isEmpty() ? object : object + " " + field;
        String before = Rows.text(change.path("before"));
        String after = Rows.text(change.path("after"));
        switch (action) {
            case "none" -> terminal().line("= " + where);
            case "create" -> terminal().line("+ " + where + (after.isEmpty() ? "" : "  " + after));
            case "delete" -> terminal().line("- " + where + (before.isEmpty() ? "" : "  " + before));
            default -> {
                terminal()
                        .line("~ " + where + ": " + (before.isEmpty() ? "(nothing)" : before) + " -> "
                                + (after.isEmpty() ? "(nothing)" : after));
                terminal().line("    " + change.path("why").asText());
            }
        }
    }

    static List<JsonNode> list(JsonNode array) {
        List<JsonNode> items = new ArrayList<>();
        array.forEach(items::add);
        return items;
    }

    static boolean differs(JsonNode answer) {
        return list(answer.path("changes")).stream()
                .anyMatch(change -> !change.path("action").asText().equals("none"));
    }

    ObjectNode object() {
        return new ObjectMapper().createObjectNode();
    }
}
