package dev.perennial.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the server until Ctrl-C. */
@Command(
        name = "server",
        mixinStandardHelpOptions = true,
        description = "Starts a server and its scorer, and stops both on Ctrl-C.",
        footer = {
            "",
            "Examples:",
            "  perennial server",
            "  perennial server --data-dir /srv/perennial --port 7400",
            "  perennial server --artifacts-destination ./mlartifacts      keep artifacts as plain files there",
            "  PERENNIAL_PORT=7400 perennial server           the same by environment",
            "  echo 'port: 7400' > perennial.yaml             the same by configuration file",
            "",
            "Keys of environment and file: server, data-dir, port, host, output, actor, database-url, database-user,",
            "database-password, artifacts-destination, default-artifact-root (PERENNIAL_DATA_DIR and so on). It listens on this machine alone.",
            "",
            "Exit codes: 130 after Ctrl-C, 143 after SIGTERM, 0 after 'perennial stop'; 3 when the server ended by itself."
        })
final class ServerCommand extends CliCommand {
    private static final int DEFAULT_PORT = 7300;
    private static final int PORT_MAX = 65_535;

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on (default: 7300; 0: any free one).")
    @Nullable
    Integer port;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "Address to listen on; only this machine's own is allowed.")
    @Nullable
    String host;

    @Option(
            names = "--artifacts-destination",
            paramLabel = "DIR",
            description = "Keep the artifacts that clients send as plain files in this folder, as MLflow does; what is"
                    + " there already is taken over (default: in the data directory, by content).")
    @Nullable
    String artifactsDestination;

    @Option(
            names = "--default-artifact-root",
            paramLabel = "PLACE",
            description = "Where new experiments keep their artifacts: a folder or an address such as s3://bucket/path,"
                    + " which clients then use by themselves (default: this server).")
    @Nullable
    String defaultArtifactRoot;

    @Override
    Integer execute() {
        String address = Optional.ofNullable(host)
                .or(() -> settings().get(Settings.HOST))
                .orElse("127.0.0.1");
        if (!loopback(address)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "host '" + address
                            + "' is refused: there is no authentication yet, so the server listens on 127.0.0.1 alone;"
                            + " reach it from elsewhere through a tunnel such as ssh -L");
        }
        Map<String, String> properties = new LinkedHashMap<>();
        for (String key : Settings.DATABASE) {
            settings().get(key).ifPresent(value -> properties.put("perennial." + key, value));
        }
        settings()
                .get(Settings.SHARED_DIR)
                .ifPresent(folder -> properties.put(
                        "perennial." + Settings.SHARED_DIR,
                        context().workingFolder().resolve(folder).toString()));
        artifacts(properties);
        ServerProcess server = ServerProcess.start(new ServerProcess.Launch(
                dist(this), dataDir(), port(port, settings()), properties, ServerProcess.Launch.JVM_OPTIONS));
        AtomicBoolean stopping = new AtomicBoolean();
        Thread stop = Thread.ofPlatform().name("stop").unstarted(() -> {
            stopping.set(true);
            server.stop(ServerProcess.STOP_GRACE);
        });
        Runtime.getRuntime().addShutdownHook(stop);
        server.awaitReady(ServerProcess.READY_DEADLINE);
        terminal()
                .line("Perennial is ready at " + server.url() + " (data in " + dataDir() + ", log in " + server.log()
                        + "); Ctrl-C stops it");
        server.awaitEnd();
        if (stopping.get()) {
            return ExitCode.OK; // the JVM itself ends with 130 or 143, by the signal
        }
        if (server.endedOnRequest()) {
            server.stop(ServerProcess.STOP_GRACE);
            terminal().line("the server was stopped");
            return ExitCode.OK;
        }
        throw new CommandFailure(ExitCode.FAILED, "the server ended; its log is " + server.log());
    }

    /** Folders are meant from here, not from where the server runs. */
    private void artifacts(Map<String, String> properties) {
        Optional.ofNullable(artifactsDestination)
                .or(() -> settings().get(Settings.ARTIFACTS_DESTINATION))
                .ifPresent(folder -> properties.put(
                        "perennial." + Settings.ARTIFACTS_DESTINATION,
                        context().workingFolder().resolve(folder).toString()));
        Optional.ofNullable(defaultArtifactRoot)
                .or(() -> settings().get(Settings.DEFAULT_ARTIFACT_ROOT))
                .ifPresent(place -> properties.put(
                        "perennial." + Settings.DEFAULT_ARTIFACT_ROOT,
                        place.contains(":")
                                ? place
                                : context().workingFolder().resolve(place).toString()));
    }

    static int port(@Nullable Integer option, Settings settings) {
        String text =
                option != null ? option.toString() : settings.get(Settings.PORT).orElse(Integer.toString(DEFAULT_PORT));
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= PORT_MAX) {
                return port;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new CommandFailure(ExitCode.USAGE, "port '" + text + "' is no number from 0 to " + PORT_MAX);
    }

    /** The installation's programs: named by the launcher, else beside this program's own jar. */
    static Path dist(CliCommand command) {
        String named = command.context().environment().get(Settings.variable(Settings.DIST));
        if (named != null) {
            return Path.of(named).toAbsolutePath();
        }
        return command.context().workingFolder().resolve("target/dist");
    }
}
