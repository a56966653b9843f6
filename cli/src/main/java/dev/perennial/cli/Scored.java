package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.client.PerennialClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** A scoring job as the command line waits for it and tells of it. */
final class Scored {
    private static final Duration PATIENCE = Duration.ofDays(7);
    private static final Set<String> ENDED = Set.of("DONE", "FAILED", "CANCELLED");

    private final CliCommand command;
    private final PerennialClient client;
    private final String id;

    Scored(CliCommand command, PerennialClient client, String id) {
        this.command = command;
        this.client = client;
        this.id = id;
    }

    static String path(String id) {
        return "/api/scorings/" + id;
    }

    JsonNode now() {
        return client.get(path(id));
    }

    /** Waits for the end and tells how far it is; Ctrl-C leaves the job running and says so. */
    JsonNode ended() {
        Thread leaving = new Thread(() -> command.terminal().progress("left running; " + advice()));
        Runtime.getRuntime().addShutdownHook(leaving);
        try {
            AtomicReference<JsonNode> last = new AtomicReference<>(now());
            AtomicReference<String> told = new AtomicReference<>("");
            ServerProcess.await(PATIENCE, () -> {
                JsonNode state = now();
                last.set(state);
                String line = line(state);
                boolean ended = ENDED.contains(state.path("state").asText());
                if (!ended && !line.isEmpty() && !line.equals(told.getAndSet(line))) {
                    command.terminal().progress(line);
                }
                return ended;
            });
            return last.get();
        } finally {
            Runtime.getRuntime().removeShutdownHook(leaving);
        }
    }

    private static String line(JsonNode state) {
        String line = state.path("line").asText();
        double share = state.path("share").asDouble();
        return line.isEmpty() || share <= 0 ? line : String.format(Locale.ROOT, "%3.0f %%  %s", 100 * share, line);
    }

    private String advice() {
        return "'perennial scorings show " + id + "' tells how it goes, 'perennial scorings cancel " + id + "' ends it";
    }

    /** Tells of a job that is not waited for. */
    int left(JsonNode job) {
        if (command.json()) {
            command.terminal().json(job);
        } else {
            command.terminal().line(id);
            command.terminal().progress(advice());
        }
        return ExitCode.OK;
    }

    static void refuseExisting(Path target, boolean force) {
        if (!force && Files.exists(target)) {
            throw new CommandFailure(
                    ExitCode.ERROR,
                    target + " is there already; give another name with --to, or --force to replace it");
        }
    }

    /** Fetches the result; gives where it is. */
    String fetched(JsonNode job, Path target, boolean force) {
        refuseExisting(target, force);
        client.download(path(id) + "/result", java.util.Map.of(), target);
        return target.toString();
    }

    /** Tells how a job ended; gives the exit code. */
    int told(JsonNode job, String where) {
        boolean done = job.path("state").asText().equals("DONE");
        if (command.json()) {
            command.terminal().json(job);
        } else if (done) {
            command.terminal().line(summary(job) + where);
        }
        if (!done) {
            String why = job.path("line").asText();
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "scoring " + id + " " + (job.path("state").asText().equals("FAILED") ? "failed" : "was cancelled")
                            + (why.isEmpty() ? "" : ": " + why) + "; 'perennial scorings resume " + id
                            + "' goes on where it stopped");
        }
        return ExitCode.OK;
    }

    private static String summary(JsonNode job) {
        long errors = job.path("errors").asLong();
        return String.format(Locale.ROOT, "%,d rows", job.path("rows").asLong())
                + (errors == 0
                        ? ""
                        : String.format(Locale.ROOT, ", %,d without a result (see their column 'error')", errors))
                + ": ";
    }
}
