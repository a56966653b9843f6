package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.ledgerverifier.LedgerVerifier;
import dev.perennial.ledgerverifier.Report;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The record of every decision. */
@Command(
        name = "ledger",
        mixinStandardHelpOptions = true,
        description = "Shows the ledger's size and last checkpoint; verifies and exports it.",
        subcommands = {LedgerCommand.Verify.class, LedgerCommand.Export.class},
        footer = {
            "",
            "Examples:",
            "  perennial ledger",
            "  perennial ledger verify",
            "  perennial ledger export ledger.zip && perennial ledger verify ledger.zip"
        })
final class LedgerCommand extends CliCommand {
    @Override
    Integer execute() {
        JsonNode ledger = client().ledger();
        if (json()) {
            terminal().json(ledger);
        } else {
            terminal()
                    .facts(List.of(
                            List.of("entries", Rows.text(ledger.path("entries"))),
                            List.of("bytes", Rows.text(ledger.path("size"))),
                            List.of("checkpoint", Rows.text(ledger.path("checkpoint")))));
        }
        return ExitCode.OK;
    }

    /** Verifies without a server. */
    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "Verifies a ledger without a server: a data directory (in use or a copy) or an export.",
            footer = {
                "",
                "Examples:",
                "  perennial ledger verify                        the default data directory",
                "  perennial ledger verify /backup/perennial",
                "  perennial ledger verify ledger.zip --key ledger.pub",
                "",
                "Exit codes: 0 good, 1 broken or unusable, 2 incomplete."
            })
    static final class Verify extends CliCommand {
        @Parameters(
                arity = "0..1",
                paramLabel = "PATH",
                description = "Data directory or export (default: the data directory).")
        @Nullable
        Path path;

        @Option(
                names = "--key",
                paramLabel = "FILE",
                description = "Public key kept elsewhere (default: ledger.pub beside it).")
        @Nullable
        Path key;

        @Option(
                names = "--checkpoint",
                paramLabel = "FILE",
                description =
                        "A signed checkpoint that you kept: nothing may have been taken away since. May be repeated.")
        List<Path> checkpoints = List.of();

        @Override
        Integer execute() {
            Path here = context().workingFolder();
            Path target = path == null ? dataDir() : here.resolve(path);
            Report report = LedgerVerifier.verify(
                    target,
                    Optional.ofNullable(key).map(here::resolve),
                    checkpoints.stream().map(here::resolve).toList());
            if (json()) {
                terminal().json(parseJson("the report", report.json()));
            } else {
                terminal().line(report.text().stripTrailing());
            }
            return report.status().exitStatus();
        }
    }

    /** Fetches everything that a verifier needs. */
    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = "Writes the ledger into a file that anybody can verify without the server.",
            footer = {"", "Examples:", "  perennial ledger export ledger.zip"})
    static final class Export extends CliCommand {
        @Parameters(paramLabel = "FILE", description = "The file to write.")
        Path target = Path.of("");

        @Override
        Integer execute() {
            Path file = context().workingFolder().resolve(target).toAbsolutePath();
            client().exportLedger(file);
            terminal().line("wrote " + file);
            return ExitCode.OK;
        }
    }
}
