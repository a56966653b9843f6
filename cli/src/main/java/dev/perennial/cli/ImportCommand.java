package dev.perennial.cli;

import java.net.URI;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Brings in what another tool holds. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = "Brings in the history of another tool.",
        subcommands = {ImportCommand.Mlflow.class},
        footer = {"", "Examples:", "  perennial import mlflow --from http://mlflow.example:5000"})
final class ImportCommand extends CliCommand {
    @Override
    Integer execute() {
        throw new CommandFailure(ExitCode.USAGE, "name what to import from: 'perennial import mlflow --from ADDRESS'");
    }

    /** From a live MLflow server. */
    @Command(
            name = "mlflow",
            mixinStandardHelpOptions = true,
            description = {
                "Copies experiments, runs, histories, params, tags, inputs, artifacts, logged models, registered models and prompts from a",
                "live MLflow server, through its API, with their ids and numbers. Nothing is written when something else is in the place of an id or name. An import that was cut off goes on",
                "when it is started again; a finished one changes nothing. MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or",
                "MLFLOW_TRACKING_TOKEN, sign in at the MLflow server."
            },
            footer = {
                "",
                "Examples:",
                "  perennial import mlflow --from http://mlflow.example:5000",
                "  perennial import mlflow --from http://mlflow.example:5000 --output json"
            })
    static final class Mlflow extends CliCommand {
        @Option(names = "--from", required = true, paramLabel = "ADDRESS", description = "The MLflow server.")
        String from = "";

        @Option(names = "--into", paramLabel = "PROJECT", description = "The project that takes it (default: default).")
        String into = ImportTarget.DEFAULT_PROJECT;

        @Override
        Integer execute() {
            ImportReport report;
            try (MlflowSource source = new MlflowSource(address(), context().environment());
                    MlflowImport copy = new MlflowImport(
                            source, client(), terminal(), context().clock(), into)) {
                report = copy.run();
            }
            if (json()) {
                terminal().json(report.json());
            } else {
                report.lines().forEach(terminal()::line);
            }
            return report.complete() ? ExitCode.OK : ExitCode.FAILED;
        }

        private URI address() {
            try {
                URI uri = URI.create(from.endsWith("/") ? from.substring(0, from.length() - 1) : from);
                if (uri.getUserInfo() != null) {
                    throw new CommandFailure(
                            ExitCode.USAGE,
                            "--from must hold no user and password, because it is kept as the name of the source; use"
                                    + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD");
                }
                if (List.of("http", "https").contains(String.valueOf(uri.getScheme())) && uri.getHost() != null) {
                    return uri;
                }
            } catch (IllegalArgumentException e) {
                // told below
            }
            throw new CommandFailure(
                    ExitCode.USAGE, "--from '" + from + "' is no address; write it like http://127.0.0.1:5000");
        }
    }
}
