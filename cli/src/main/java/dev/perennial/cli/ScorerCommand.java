package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a scorer that its server did not start, here or on another machine, until Ctrl-C. */
@Command(
        name = "scorer",
        mixinStandardHelpOptions = true,
        subcommands = ScorerCommand.Replace.class,
        description = "Runs a scorer for a server, on this or another machine, until Ctrl-C.",
        footer = {
            "",
            "Examples:",
            "  perennial scorer --port 7400                   a second scorer beside the server's own",
            "  perennial tokens create edge --user ann --scorer edge-1 --endpoints flight-delay > edge.token",
            "  perennial scorer --server https://ml.example.org:7443 --name edge-1 --token-file edge.token \\",
            "      --host 0.0.0.0 --port 8443 --tls-cert cert.pem --tls-key key.pem",
            "  perennial scorer --name edge-2 --port 7400 --replace   takes the place of the one that runs, without a gap",
            "",
            "It keeps models and undelivered predictions in DATA/scorers/NAME and serves on while the server is away.",
            "Environments of Python models are made there too, by this machine's Python and pip.",
            "Ctrl-C and SIGTERM let requests under way finish. Exit codes: those of the scorer; 64 wrong flags, 70 cannot start."
        })
final class ScorerCommand extends CliCommand {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final int END_SECONDS = 30;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Its name, stable over restarts (default: of this machine).")
    @Nullable
    String named;

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on (default: 0, any free one).")
    int port;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "Address to listen on (default: 127.0.0.1); beyond this machine it needs TLS.")
    @Nullable
    String host;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Holds the scorer's token; not needed beside a server without --auth.")
    @Nullable
    Path tokenFile;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate chain, PEM.")
    @Nullable
    Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Private key of the certificate, PEM.")
    @Nullable
    Path key;

    @Option(names = "--server-ca", paramLabel = "FILE", description = "Whom to trust as the server, PEM.")
    @Nullable
    Path serverCa;

    @Option(names = "--url", paramLabel = "URL", description = "Where others reach it, when that is not host and port.")
    @Nullable
    String url;

    @Option(
            names = "--default-endpoint",
            paramLabel = "ENDPOINT",
            description = "Answers MLflow's routes that name no endpoint.")
    @Nullable
    String defaultEndpoint;

    @Option(names = "--heap", paramLabel = "SIZE", description = "Memory of its JVM, like 1g (default: 192m).")
    @Nullable
    String heap;

    @Option(names = "--event-loops", paramLabel = "N", description = "Threads that serve connections (default: 1).")
    @Nullable
    Integer eventLoops;

    @Option(
            names = "--replace",
            description = "Takes the place of the running scorer of this name and port, without a gap (Linux).")
    boolean replace;

    @Option(
            names = "--environments",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Makes the environments of Python models here, with pip (default); --no-environments fetches"
                    + " nothing and refuses such models.")
    boolean environments;

    @Option(
            names = "--python-dirs",
            paramLabel = "DIR[,DIR...]",
            description = "Look for interpreters of Python models in these folders too; parts of their paths may be *"
                    + " (default: the search path alone).")
    @Nullable
    String pythonDirs;

    @Override
    Integer execute() {
        String id = named == null ? machine() : named;
        if (!NAME.matcher(id).matches()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "scorer name '" + id
                            + "' must have 1 to 63 letters, digits, '.', '_' and '-' and begin with a letter or a"
                            + " digit: a folder has this name; give another with --name");
        }
        Path folder = dataDir().resolve("scorers").resolve(id);
        try {
            Files.createDirectories(folder);
            Process scorer = new ProcessBuilder(command(id, folder)).inheritIO().start();
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> end(scorer)));
            return scorer.waitFor();
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.ERROR, "cannot run a scorer in " + folder + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.ERROR, "interrupted", e);
        }
    }

    private List<String> command(String id, Path folder) {
        Path dist = ServerCommand.dist(this);
        if (!Files.isDirectory(Program.SCORER.folder(dist))) {
            throw new CommandFailure(
                    ExitCode.ERROR,
                    "the scorer's program " + Program.SCORER.folder(dist)
                            + " is missing; start through ./perennial, which" + " builds it");
        }
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Program.SCORER.flags(dist));
        if (heap != null) {
            command.add("-Xmx" + heap);
        }
        command.addAll(List.of("-cp", Program.SCORER.classPath(dist), "dev.perennial.scorer.ScorerMain"));
        flags(id, folder, dist).forEach((name, value) -> {
            if (value != null) {
                command.addAll(List.of("--" + name, value));
            }
        });
        return command;
    }

    private Map<String, @Nullable String> flags(String id, Path folder, Path dist) {
        Map<String, @Nullable String> flags = new LinkedHashMap<>();
        flags.put("server", client().server().toString());
        flags.put("id", id);
        flags.put("port", Integer.toString(port));
        flags.put("host", host);
        flags.put("spool", folder.resolve("spool").toString());
        flags.put("blobs", folder.resolve("blobs").toString());
        flags.put("standalone", "yes");
        flags.put("token-file", absolute(tokenFile));
        flags.put("tls-cert", absolute(certificate));
        flags.put("tls-key", absolute(key));
        flags.put("server-ca", absolute(serverCa));
        flags.put("url", url);
        flags.put("default-endpoint", defaultEndpoint);
        flags.put("event-loops", eventLoops == null ? null : eventLoops.toString());
        flags.put("build", Program.SCORER.build(dist));
        flags.put("replace", replace ? "yes" : null);
        flags.put("make-environments", environments ? "yes" : "no");
        flags.put(
                "python-dirs",
                Optional.ofNullable(pythonDirs)
                        .or(() -> settings().get(Settings.PYTHON_DIRS))
                        .map(ServerCommand::folders)
                        .orElse(null));
        return flags;
    }

    private @Nullable String absolute(@Nullable Path file) {
        return file == null ? null : context().workingFolder().resolve(file).toString();
    }

    /** The server's own. */
    @Command(
            name = "replace",
            mixinStandardHelpOptions = true,
            description = "Lets the server replace its own scorer by a new process, without refusing a connection.",
            footer = {"", "Examples:", "  perennial scorer replace", "  perennial scorer replace --output json"})
    static final class Replace extends CliCommand {
        private static final String OWN = "local-1";

        @Override
        Integer execute() {
            JsonNode replaced = client().replaceScorer(OWN);
            if (json()) {
                terminal().json(replaced);
            } else {
                terminal()
                        .line("scorer " + OWN + ": pid " + replaced.path("pid").asLong() + " took the place of pid "
                                + replaced.path("before").asLong());
            }
            return ExitCode.OK;
        }
    }

    private static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
        } catch (UnknownHostException e) {
            throw new CommandFailure(ExitCode.USAGE, "this machine has no name; give the scorer one with --name", e);
        }
    }

    private static void end(Process scorer) {
        scorer.destroy();
        try {
            if (!scorer.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                scorer.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
