package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.client.PerennialClient;
import dev.perennial.kernel.JsonWords;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands share: settings, the server's address, the form of the result. */
abstract class CliCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final List<String> LOOPBACK = List.of("127.0.0.1", "localhost", "[::1]");

    @Spec
    @Nullable
    CommandSpec spec;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "Server address (default: the running server of the data directory).")
    @Nullable
    String server;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Data directory of the server (default: ~/.perennial).")
    @Nullable
    Path dataDir;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            description = "table (default) or json.")
    @Nullable
    String output;

    @Option(
            names = "--actor",
            paramLabel = "NAME",
            description = "Who acts, as told in decisions (default: the user's name).")
    @Nullable
    String actor;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration file (default: ./perennial.yaml when it is there).")
    @Nullable
    String config;

    private @Nullable Settings settings;

    /** Does the work; gives the exit code. */
    abstract Integer execute();

    @Override
    public final Integer call() {
        json(); // a wrong setting is told before anything happens
        return execute();
    }

    /** The word that people type for this command. */
    String name() {
        if (spec == null) {
            throw new IllegalStateException("a command has a name once it was read");
        }
        return spec.name();
    }

    CliContext context() {
        if (spec == null || !(spec.root().userObject() instanceof Main main)) {
            throw new IllegalStateException("a command runs below Main");
        }
        return main.context();
    }

    Terminal terminal() {
        return context().terminal();
    }

    Settings settings() {
        if (settings == null) {
            settings = Settings.read(
                    Optional.ofNullable(config),
                    context().environment(),
                    context().workingFolder());
        }
        return settings;
    }

    Path dataDir() {
        Path path = dataDir != null
                ? dataDir
                : settings()
                        .get(Settings.DATA_DIR)
                        .map(Path::of)
                        .orElse(Path.of(settings().home(), ".perennial"));
        return context().workingFolder().resolve(path).toAbsolutePath().normalize();
    }

    boolean json() {
        String form = output != null ? output : settings().get(Settings.OUTPUT).orElse("table");
        if (!form.equals("json") && !form.equals("table")) {
            throw new CommandFailure(ExitCode.USAGE, "output '" + form + "' is neither json nor table");
        }
        return form.equals("json");
    }

    String actor() {
        return Optional.ofNullable(actor)
                .or(() -> settings().get(Settings.ACTOR))
                .or(() -> Optional.ofNullable(context().environment().get("USER")))
                .or(() -> Optional.ofNullable(context().environment().get("LOGNAME")))
                .or(() -> Optional.ofNullable(System.getProperty("user.name")))
                .filter(name -> !name.isBlank())
                .orElse("unknown");
    }

    /** The client of the server that the options name, or of the one that runs on the data directory. */
    PerennialClient client() {
        return client(PATIENCE);
    }

    PerennialClient client(Duration patience) {
        PerennialClient client = anonymous(patience);
        return credentials()
                .token(context().environment(), client.server())
                .map(token -> client.signedIn("Bearer " + token))
                .orElse(client);
    }

    Credentials credentials() {
        return Credentials.of(context().environment(), settings().home());
    }

    /** As {@link #client()}, without the token that was kept. */
    PerennialClient anonymous() {
        return anonymous(PATIENCE);
    }

    private PerennialClient anonymous(Duration patience) {
        Optional<String> named = Optional.ofNullable(server).or(() -> settings().get(Settings.SERVER));
        if (named.isPresent()) {
            return PerennialClient.of(address(named.get()), actor(), patience);
        }
        Optional<ServerFile> running = ServerFile.read(dataDir()).filter(ServerFile::alive);
        URI uri = running.map(ServerFile::url).orElseGet(() -> defaultServer());
        return PerennialClient.of(uri, actor(), running.isPresent() ? patience : Duration.ZERO);
    }

    private URI defaultServer() {
        return settings()
                .get(Settings.PORT)
                .map(port -> URI.create("http://127.0.0.1:" + port))
                .orElse(PerennialClient.DEFAULT_SERVER);
    }

    private static URI address(String text) {
        try {
            URI uri = URI.create(text);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new CommandFailure(
                ExitCode.USAGE, "server '" + text + "' is no address; write it like http://127.0.0.1:7300");
    }

    static boolean loopback(String host) {
        return LOOPBACK.contains(host) || host.equals("::1");
    }

    /** The text of a file that somebody named; {@code -} is standard input. */
    String read(String name) {
        try {
            if (name.equals("-")) {
                return new String(context().input().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            }
            return Files.readString(context().workingFolder().resolve(name));
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new CommandFailure(ExitCode.ERROR, name + " is not UTF-8 text", e);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.ERROR, "cannot read " + name + ": it is not there or not readable", e);
        }
    }

    /** JSON that somebody wrote; problems name the place. */
    JsonNode parseJson(String what, String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new CommandFailure(ExitCode.ERROR, what + " is not valid JSON: " + JsonWords.why(e), e);
        }
    }
}
