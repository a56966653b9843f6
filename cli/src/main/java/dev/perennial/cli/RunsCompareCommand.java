package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts runs side by side. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = "Puts runs side by side: params and metrics that differ come first and are marked with *.",
        footer = {
            "",
            "Examples:",
            "  perennial runs compare RUN1 RUN2",
            "  perennial runs compare RUN1 RUN2 RUN3 --differing --output json"
        })
final class RunsCompareCommand extends CliCommand {
    private static final int RUNS_MAX = 100;

    @Parameters(arity = "2..*", paramLabel = "RUN", description = "Ids, 2 to 100.")
    private List<String> runs = List.of();

    @Option(names = "--differing", description = "Leave out what is the same in all runs.")
    private boolean differing;

    /** A param or metric with its value in each run. */
    private record Line(String key, List<String> values) {
        boolean differs() {
            return values.stream().distinct().count() > 1;
        }
    }

    @Override
    Integer execute() {
        if (runs.size() > RUNS_MAX) {
            throw new CommandFailure(
                    ExitCode.USAGE, "at most " + RUNS_MAX + " runs can be compared, got " + runs.size());
        }
        TrackingApi api = new TrackingApi(client());
        List<JsonNode> found = runs.stream().map(api::run).toList();
        List<Line> lines = new ArrayList<>();
        for (String kind : List.of("params", "metrics")) {
            lines.addAll(lines(found, kind));
        }
        if (json()) {
            terminal().json(tree(found, lines));
            return ExitCode.OK;
        }
        List<String> titles = new ArrayList<>(List.of("", ""));
        found.forEach(run -> titles.add(run.at("/info/run_name").asText()));
        List<List<String>> rows = new ArrayList<>();
        for (Line line : lines) {
            List<String> row = new ArrayList<>(List.of(line.differs() ? "*" : "", line.key()));
            row.addAll(line.values());
            rows.add(row);
        }
        if (rows.isEmpty()) {
            terminal().line(differing ? "the runs do not differ" : "the runs logged no params and no metrics");
        } else {
            terminal().table(titles, rows);
        }
        return ExitCode.OK;
    }

    private List<Line> lines(List<JsonNode> found, String kind) {
        TreeSet<String> keys = new TreeSet<>();
        found.forEach(run -> run.path("data")
                .path(kind)
                .forEach(pair -> keys.add(kind + "." + pair.path("key").asText())));
        return keys.stream()
                .map(key -> new Line(
                        key,
                        found.stream().map(run -> RunValues.of(run, key)).toList()))
                .filter(line -> !differing || line.differs())
                .sorted(Comparator.comparing(Line::differs).reversed())
                .toList();
    }

    private static ObjectNode tree(List<JsonNode> found, List<Line> lines) {
        ObjectNode tree = new ObjectMapper().createObjectNode();
        ArrayNode ids = tree.putArray("runs");
        found.forEach(run -> ids.add(run.at("/info/run_id").asText()));
        ArrayNode items = tree.putArray("items");
        for (Line line : lines) {
            ObjectNode item = items.addObject().put("key", line.key()).put("differs", line.differs());
            ArrayNode values = item.putArray("values");
            line.values().forEach(values::add);
        }
        return tree;
    }
}
