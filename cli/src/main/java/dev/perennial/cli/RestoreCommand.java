package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.ledgerverifier.Report;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a data directory out of a backup. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = "Makes a new data directory out of a backup. Everything is verified before anything is written.",
        footer = {
            "",
            "Examples:",
            "  perennial restore /backup/perennial --data-dir /srv/perennial-new",
            "  perennial restore /backup/perennial --set 2026-05-04T03-00-00Z --data-dir /srv/perennial-may",
            "  PERENNIAL_DATABASE_URL=jdbc:postgresql://127.0.0.1:5432/empty \\",
            "    perennial restore /backup/perennial --data-dir /srv/perennial-new",
            "  perennial server --data-dir /srv/perennial-new",
            "",
            "The new data directory must be empty or absent, and so must the PostgreSQL database. Never let two servers run",
            "from the same backup: both would sign the same ledger.",
            "",
            "Exit codes: 0 good, 1 error or damaged backup, 3 restored with a broken ledger, 6 not empty."
        })
final class RestoreCommand extends CliCommand {
    @Parameters(paramLabel = "DIR", description = "The folder that 'perennial backup' wrote.")
    Path source = Path.of("");

    @Option(names = "--set", paramLabel = "TIME", description = "Which backup (default: the newest complete one).")
    @Nullable
    String set;

    @Option(
            names = "--artifacts-destination",
            paramLabel = "DIR",
            description = "A new or empty folder for the artifacts that the server kept as plain files.")
    @Nullable
    Path artifacts;

    @Option(
            names = "--default-artifact-root",
            paramLabel = "DIR",
            description =
                    "A new or empty folder for the artifacts that clients wrote into the default artifact root. Runs name"
                            + " their files below the old folder: name that one, or let it lead to the new one.")
    @Nullable
    Path root;

    private Map<String, String> choices() {
        Map<String, String> choices = new LinkedHashMap<>();
        if (set != null) {
            choices.put("set", set);
        }
        folder(choices, "artifacts-destination", artifacts);
        folder(choices, "default-artifact-root", root);
        return choices;
    }

    private void folder(Map<String, String> choices, String name, @Nullable Path folder) {
        if (folder != null) {
            choices.put(
                    name,
                    context()
                            .workingFolder()
                            .resolve(folder)
                            .toAbsolutePath()
                            .normalize()
                            .toString());
        }
    }

    @Override
    Integer execute() {
        if (dataDir == null) {
            throw new CommandFailure(ExitCode.USAGE, "name the new data directory with --data-dir");
        }
        Path folder = context().workingFolder().resolve(source).toAbsolutePath().normalize();
        JsonNode done = new BackupProcess(this).run("restore", folder, choices());
        String name = done.path("set").asText();
        boolean sqlite = done.path("database").asText().equals("SQLITE");
        Report report = BackupProcess.verified(
                sqlite ? dataDir() : folder.resolve(name), dataDir().resolve("ledger.pub"));
        if (json()) {
            ((ObjectNode) done).put("ledger", report.status().name()).remove("event");
            terminal().json(done);
        } else {
            terminal()
                    .facts(List.of(
                            List.of("restored", name + " into " + dataDir()),
                            List.of("blobs", done.path("blobs").asText()),
                            List.of("ledger", report.status().name()),
                            List.of(
                                    "next",
                                    "perennial server --data-dir " + dataDir()
                                            + (artifacts == null ? "" : " --artifacts-destination " + artifacts)
                                            + (root == null ? "" : " --default-artifact-root " + root))));
        }
        if (report.status() != Report.Status.GOOD) {
            terminal().error("the restored ledger is not good: " + report.text().strip());
            return ExitCode.FAILED;
        }
        return ExitCode.OK;
    }
}
