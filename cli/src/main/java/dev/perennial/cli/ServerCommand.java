package dev.perennial.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
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
            "  perennial server --auth                        callers have to sign in",
            "  perennial server --auth --host 0.0.0.0 --tls-certificate c.pem --tls-key k.pem",
            "  perennial server --artifacts-destination ./mlartifacts      keep artifacts as plain files there",
            "  PERENNIAL_PORT=7400 perennial server           the same by environment",
            "  echo 'port: 7400' > perennial.yaml             the same by configuration file",
            "",
            "Keys of environment and file: server, data-dir, port, host, output, actor, database-url, database-user,",
            "database-password, artifacts-destination, default-artifact-root, python-dirs, auth, public-port,",
            "tls-certificate, tls-key, trusted-proxy, external-url, default-permission (PERENNIAL_DATA_DIR and so on).",
            "Without --host it listens on this machine alone.",
            "The first administrator: PERENNIAL_ADMIN_USERNAME and PERENNIAL_ADMIN_PASSWORD, or the address that it prints.",
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
            description = "Also listen on this address for others; needs --auth, and TLS or a proxy.")
    @Nullable
    String host;

    @Option(names = "--auth", description = "Callers have to sign in.")
    boolean auth;

    @Option(names = "--public-port", paramLabel = "PORT", description = "Port on --host (default: 7443).")
    @Nullable
    String publicPort;

    @Option(names = "--tls-certificate", paramLabel = "FILE", description = "Certificate chain for --host, PEM.")
    @Nullable
    String certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Private key of the certificate, PEM.")
    @Nullable
    String key;

    @Option(names = "--trusted-proxy", paramLabel = "ADDRESS", description = "A proxy that ends TLS before --host.")
    @Nullable
    String proxy;

    @Option(names = "--external-url", paramLabel = "URL", description = "How people reach this server.")
    @Nullable
    String external;

    @Option(
            names = "--default-permission",
            paramLabel = "PERMISSION",
            description = "What everybody who signed in may do: NO_PERMISSIONS (default), READ, USE, EDIT or MANAGE.")
    @Nullable
    String permission;

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

    @Option(
            names = "--python-dirs",
            paramLabel = "DIR[,DIR...]",
            description =
                    "Look for interpreters of Python models in these folders too; parts of their paths may be *, for"
                            + " example '/opt/python/*/bin' (default: the search path alone).")
    @Nullable
    String pythonDirs;

    @Override
    Integer execute() {
        String address = Optional.ofNullable(host)
                .or(() -> settings().get(Settings.HOST))
                .orElse("127.0.0.1");
        Map<String, String> properties = access();
        refuseOpenDoors(address, properties);
        if (!loopback(address)) {
            properties.put("perennial.host", address);
        }
        for (String key : Settings.DATABASE) {
            settings().get(key).ifPresent(value -> properties.put("perennial." + key, value));
        }
        settings()
                .get(Settings.SHARED_DIR)
                .ifPresent(folder -> properties.put(
                        "perennial." + Settings.SHARED_DIR,
                        context().workingFolder().resolve(folder).toString()));
        artifacts(properties);
        Optional.ofNullable(pythonDirs)
                .or(() -> settings().get(Settings.PYTHON_DIRS))
                .ifPresent(folders -> properties.put("perennial." + Settings.PYTHON_DIRS, folders(folders)));
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
        tellSetUp();
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

    /** The address of the first administrator, when nobody can sign in yet. */
    private void tellSetUp() {
        try {
            Path file = dataDir().resolve("set-up.url");
            if (Files.isRegularFile(file)) {
                terminal()
                        .line("Nobody can sign in yet; make the first administrator within 15 minutes at "
                                + Files.readString(file));
            }
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.ERROR, "cannot read the set-up address: " + e.getMessage(), e);
        }
    }

    private Map<String, String> access() {
        Map<String, @Nullable String> given = new LinkedHashMap<>();
        given.put("auth", auth ? "true" : null);
        given.put("public-port", publicPort);
        given.put("tls-certificate", absolute(certificate));
        given.put("tls-key", absolute(key));
        given.put("trusted-proxy", proxy);
        given.put("external-url", external);
        given.put("default-permission", permission);
        Map<String, String> properties = new LinkedHashMap<>();
        given.forEach((name, value) -> Optional.ofNullable(value)
                .or(() -> settings().get(name))
                .ifPresent(set -> properties.put("perennial." + name, set)));
        return properties;
    }

    private @Nullable String absolute(@Nullable String file) {
        return file == null ? null : context().workingFolder().resolve(file).toString();
    }

    /** The server refuses the same; here it is told before anything starts. */
    private static void refuseOpenDoors(String host, Map<String, String> properties) {
        boolean signIn = "true".equals(properties.get("perennial.auth"));
        boolean tls =
                properties.containsKey("perennial.tls-certificate") && properties.containsKey("perennial.tls-key");
        boolean proxied = properties.containsKey("perennial.trusted-proxy")
                && properties.getOrDefault("perennial.external-url", "").startsWith("https://");
        if (loopback(host) || (signIn && (tls || proxied))) {
            return;
        }
        throw new CommandFailure(
                ExitCode.USAGE,
                "host '" + host + "' is beyond this machine and is refused "
                        + (signIn
                                ? "without TLS: give --tls-certificate and --tls-key (PEM files), or, behind a proxy that ends"
                                        + " TLS, --trusted-proxy ADDRESS and --external-url https://NAME"
                                : "without --auth, because anybody could do anything; add --auth and TLS,"
                                        + " or reach the server through a tunnel such as ssh -L"));
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

    /** Each must be an absolute path: the server's working folder is another one. */
    static String folders(String text) {
        List<String> folders = Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(folder -> !folder.isEmpty())
                .toList();
        for (String folder : folders) {
            if (!folder.startsWith("/")) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--python-dirs '" + folder + "' must be an absolute path; parts of it may be *");
            }
        }
        return String.join(",", folders);
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
