package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.ledgerverifier.Report;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Copies an installation while it is used. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        description =
                "Copies database, blobs, plain artifacts, keys and waiting predictions into a folder, and verifies the copy."
                        + " The server may run and be written to; it must be on this machine.",
        footer = {
            "",
            "Examples:",
            "  perennial backup /backup/perennial             of the default data directory",
            "  perennial backup /backup/perennial --data-dir /srv/perennial",
            "  perennial backup /backup/perennial             again: only new blobs are copied",
            "  perennial restore /backup/perennial --data-dir /srv/perennial-new",
            "",
            "One folder keeps many backups, each under its time. An interrupted one is called TIME.partial and is no",
            "backup; the next run takes over what it copied. With database-url the database is copied from PostgreSQL.",
            "The copy holds the signing keys: keep it as safe as the data directory.",
            "",
            "Exit codes: 0 good, 1 error, 3 the copy was made and something was lost or broken before, 6 another one runs."
        })
final class BackupCommand extends CliCommand {
    @Parameters(paramLabel = "DIR", description = "A new or empty folder, or one of earlier backups.")
    Path target = Path.of("");

    @Option(
            names = "--without-artifacts",
            description =
                    "Leaves out the artifacts that lie as plain files outside the data directory (artifacts-destination,"
                            + " default-artifact-root).")
    boolean withoutArtifacts;

    @Override
    Integer execute() {
        Path folder = context().workingFolder().resolve(target).toAbsolutePath().normalize();
        JsonNode done = new BackupProcess(this)
                .run("backup", folder, withoutArtifacts ? Map.of("without-artifacts", "true") : Map.of());
        Path set = Path.of(done.path("folder").asText());
        terminal().progress("verifying the ledger");
        Report report = BackupProcess.verified(set, set.resolve("files").resolve("ledger.pub"));
        boolean good =
                report.status() == Report.Status.GOOD && done.path("missing").isEmpty();
        if (json()) {
            ((ObjectNode) done).put("ledger", report.status().name()).remove("event");
            terminal().json(done);
        } else {
            tell(done, report);
        }
        terminal()
                .progress(
                        "the copy holds the signing keys, readable by you alone: keep it as safe as the data directory");
        if (report.status() != Report.Status.GOOD) {
            terminal()
                    .error("the ledger in the copy is not good: "
                            + report.text().strip());
        }
        if (!done.path("missing").isEmpty()) {
            terminal()
                    .error("lost or damaged in the installation already, and so not in the copy: blobs "
                            + done.path("missing"));
        }
        return good ? ExitCode.OK : ExitCode.FAILED;
    }

    private void tell(JsonNode done, Report report) {
        List<List<String>> facts = new ArrayList<>(List.of(
                List.of("backup", done.path("folder").asText()),
                List.of(
                        "database",
                        done.path("database").asText() + ", version "
                                + done.path("schema").asText()),
                List.of(
                        "blobs",
                        done.path("blobs").asText() + " with "
                                + BackupProcess.bytes(done.path("blobBytes").asLong()) + "; new: "
                                + done.path("newBlobs").asText() + " with "
                                + BackupProcess.bytes(done.path("newBlobBytes").asLong())),
                List.of("ledger", report.status().name())));
        facts(facts, "artifacts", done.path("artifacts"));
        facts(facts, "root", done.path("rootArtifacts"));
        terminal().facts(facts);
    }

    private static void facts(List<List<String>> facts, String name, JsonNode plain) {
        if (plain.isObject()) {
            facts.add(List.of(
                    name,
                    plain.path("included").asBoolean()
                            ? plain.path("files").asText() + " plain files with "
                                    + BackupProcess.bytes(plain.path("bytes").asLong()) + " of "
                                    + plain.path("folder").asText()
                            : "LEFT OUT: " + plain.path("folder").asText()));
        }
    }
}
