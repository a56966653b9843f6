package dev.perennial.cli;

import dev.perennial.client.ClientException;
import dev.perennial.kernel.PerennialException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** The program {@code perennial}: one command for each thing that a person does. */
@Command(
        name = "perennial",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Keeps machine-learning models alive in production.",
        footer = {
            "",
            "Examples:",
            "  perennial demo                                 nine months of a real model's life",
            "  perennial server                               a server for real use",
            "  perennial validate flight-delay.yaml           check a lifecycle file, offline",
            "  perennial plan flight-delay.yaml               what applying it would change",
            "  perennial why flight-delay                     why the model is what it is",
            "",
            "'perennial test' runs every test. Each command explains itself: perennial COMMAND --help",
            "Exit codes: 0 good, 1 error, 2 differences, 3 failed, 5 timed out, 6 conflict, 64 usage, 69 no server,",
            "  75 try again, 77 not permitted."
        },
        subcommands = {
            DemoCommand.class,
            ServerCommand.class,
            ScorerCommand.class,
            StopCommand.class,
            PsCommand.class,
            StatusCommand.class,
            ValidateCommand.class,
            PlanCommand.class,
            ApplyCommand.class,
            ModelsCommand.class,
            WhyCommand.class,
            DecisionsCommand.class,
            SnapshotsCommand.class,
            PipelinesCommand.class,
            ExperimentsCommand.class,
            RunsCommand.class,
            ArtifactsCommand.class,
            AlertsCommand.class,
            EndpointsCommand.class,
            DeployCommand.class,
            TrafficCommands.Promote.class,
            TrafficCommands.Weights.class,
            RolloutsCommand.class,
            PredictCommand.class,
            ScoreCommand.class,
            ScoringsCommand.class,
            LabelsCommand.class,
            ActCommands.Rollback.class,
            ActCommands.Pause.class,
            ActCommands.Resume.class,
            ActCommands.Abort.class,
            ActCommands.Sign.class,
            CandidateCommand.class,
            ReproduceCommand.class,
            ReplayCommand.class,
            LedgerCommand.class,
            ImportCommand.class,
            LoginCommands.Login.class,
            LoginCommands.Logout.class,
            UsersCommand.class,
            TokensCommand.class,
            ProjectsCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            GcCommand.class,
            StartCachesCommand.class,
        })
public final class Main implements Runnable {
    private final CliContext context;

    Main(CliContext context) {
        this.context = context;
    }

    CliContext context() {
        return context;
    }

    @Override
    public void run() {
        throw new CommandFailure(ExitCode.USAGE, "name a command; 'perennial --help' lists them");
    }

    public static void main(String[] args) {
        boolean interactive = System.console() != null && System.console().isTerminal();
        CliContext context = new CliContext(
                new Terminal(
                        new java.io.PrintStream(System.out, true, StandardCharsets.UTF_8),
                        new java.io.PrintStream(System.err, true, StandardCharsets.UTF_8),
                        interactive),
                System.in,
                System.getenv(),
                Path.of("").toAbsolutePath(),
                InstantSource.system());
        System.exit(run(context, new PrintWriter(System.out, true, StandardCharsets.UTF_8), args));
    }

    /**
     * Runs one command.
     *
     * @param help where help and version go
     * @return the exit code
     */
    static int run(CliContext context, PrintWriter help, String... args) {
        CommandLine line = new CommandLine(new Main(context))
                .setOut(help)
                .setErr(help)
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(100)
                .setParameterExceptionHandler((e, arguments) -> usage(context, e))
                .setExecutionExceptionHandler((e, command, parsed) -> failed(context.terminal(), e));
        return line.execute(args);
    }

    private static int usage(CliContext context, ParameterException e) {
        CommandLine command = e.getCommandLine();
        String suggestion = "";
        if (e instanceof CommandLine.UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            suggestion = "; did you mean '" + unmatched.getSuggestions().getFirst() + "'?";
        }
        context.terminal()
                .error(String.valueOf(e.getMessage()).replaceAll("\\s+", " ") + suggestion + " ('"
                        + command.getCommandSpec().qualifiedName() + " --help' explains)");
        return ExitCode.USAGE;
    }

    private static int failed(Terminal terminal, Exception e) throws Exception {
        switch (e) {
            case CommandFailure failure -> {
                terminal.error(String.valueOf(failure.getMessage()));
                return failure.exitCode();
            }
            case ClientException refused -> {
                String said = String.valueOf(refused.getMessage());
                String field = refused.field();
                boolean named = field == null || said.startsWith(field + ":");
                terminal.error(named ? said : field + ": " + said);
                return exitCode(refused);
            }
            case PerennialException refused -> {
                terminal.error(String.valueOf(refused.getMessage()));
                return ExitCode.ERROR;
            }
            default -> throw e;
        }
    }

    static int exitCode(ClientException refused) {
        return switch (refused.status()) {
            case 0, 502, 503, 504 -> ExitCode.UNAVAILABLE;
            case 401, 403 -> ExitCode.DENIED;
            case 409 -> ExitCode.CONFLICT;
            case 429, 507 -> ExitCode.TEMPORARY;
            default -> ExitCode.ERROR;
        };
    }

    /** The version that the build wrote into the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "perennial " + (version == null ? "development" : version),
                "Java " + Runtime.version() + " on " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch")
            };
        }
    }
}
