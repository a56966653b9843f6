package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.client.PerennialClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Deletes for good what was put away long ago. */
@Command(
        name = "gc",
        mixinStandardHelpOptions = true,
        description =
                "Deletes for good: runs, logged models and experiments that were deleted longer ago than the retention, with metrics,"
                        + " params, tags and files, blobs that nothing names any more, and environments of Python models that"
                        + " nothing needs. The server goes on meanwhile.",
        footer = {
            "",
            "Examples:",
            "  perennial gc --dry-run                         what and how much would go",
            "  perennial gc                                   what was deleted more than 30 days ago",
            "  perennial gc --older-than 7d",
            "  perennial gc --older-than 0d                   everything that is deleted now",
            "",
            "What a model version, a snapshot, a decision, an approval, the ledger or a prediction log names is never",
            "deleted, nor a blob that was stored in the last 24 hours. Files in places that clients write themselves",
            "(s3 and others) are counted and left. An environment that a variant of an endpoint or a scoring job names, that",
            "a process runs in, or that was asked for in the last 24 hours stays; deploying a version makes its own again.",
            "Each collection is an entry of the ledger.",
            "",
            "Exit codes: 0 good, 3 ended early, 6 a backup is taken or another collection runs."
        })
final class GcCommand extends CliCommand {
    private static final Pattern AGE = Pattern.compile("(\\d{1,6})([smhd])");
    private static final Map<String, Duration> UNITS = Map.of(
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));
    /** Digits of an environment's digest that tell it from others. */
    private static final int SHOWN = 12;

    private static final Duration PATIENCE = Duration.ofDays(7);

    @Option(
            names = "--older-than",
            paramLabel = "AGE",
            description = "Retention, as 30d, 12h, 90m or 10s (default: 30d).")
    String olderThan = "30d";

    @Option(names = "--dry-run", description = "Only tell.")
    boolean dryRun;

    @Override
    Integer execute() {
        long millis = age(olderThan).toMillis();
        PerennialClient client = client();
        ObjectNode asked = client.object().put("olderThanMillis", millis).put("dryRun", dryRun);
        JsonNode report = client.post("/api/gc", asked);
        if (!dryRun) {
            report = ended(client);
        }
        if (report.path("state").asText().equals("FAILED")) {
            String problem = report.path("problem").asText();
            throw new CommandFailure(problem.contains("backup") ? ExitCode.CONFLICT : ExitCode.FAILED, problem);
        }
        if (json()) {
            terminal().json(report);
        } else {
            tell(report);
        }
        return ExitCode.OK;
    }

    private JsonNode ended(PerennialClient client) {
        AtomicReference<JsonNode> last = new AtomicReference<>(client.get("/api/gc"));
        AtomicReference<String> told = new AtomicReference<>("");
        ServerProcess.await(PATIENCE, () -> {
            JsonNode state = client.get("/api/gc");
            last.set(state);
            String step = state.path("step").asText();
            if (!step.isEmpty() && !step.equals(told.getAndSet(step))) {
                terminal().progress(step);
            }
            return !state.path("state").asText().equals("RUNNING");
        });
        return last.get();
    }

    private void tell(JsonNode report) {
        String verb = dryRun ? "would go" : "gone";
        terminal()
                .facts(List.of(
                        List.of(verb, ""),
                        List.of(
                                "  runs",
                                report.path("runs").asText() + " with "
                                        + report.path("points").asText() + " points"),
                        List.of("  logged models", report.path("models").asText()),
                        List.of("  experiments", report.path("experiments").asText()),
                        List.of(
                                "  blobs",
                                report.path("blobs").asText() + " with "
                                        + BackupProcess.bytes(
                                                report.path("bytes").asLong())),
                        List.of("  environments", environments(report)),
                        List.of("stay", ""),
                        List.of(
                                "  runs that a model version names",
                                report.path("heldRuns").asText()),
                        List.of(
                                "  files of runs kept elsewhere",
                                report.path("filesElsewhere").asText())));
    }

    private static String environments(JsonNode report) {
        StringBuilder told = new StringBuilder();
        told.append(report.path("environments").size())
                .append(" with ")
                .append(BackupProcess.bytes(report.path("environmentBytes").asLong()));
        report.path("environments").forEach(name -> told.append(' ').append(name.asText(), 0, SHOWN));
        return told.toString();
    }

    static Duration age(String text) {
        Matcher age = AGE.matcher(text);
        if (!age.matches()) {
            throw new CommandFailure(
                    ExitCode.USAGE, "age '" + text + "' is not a number with s, m, h or d, for example 30d");
        }
        return UNITS.getOrDefault(age.group(2), Duration.ZERO).multipliedBy(Long.parseLong(age.group(1)));
    }
}
