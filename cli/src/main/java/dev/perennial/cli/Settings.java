package dev.perennial.cli;

import dev.perennial.lifecycle.file.Nearest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What may be set, from three places with the same names: an option ({@code --data-dir}) wins over an environment variable ({@code
 * PERENNIAL_DATA_DIR}), which wins over a configuration file ({@code data-dir: ...}). A name that nobody knows is refused.
 */
final class Settings {
    static final String SERVER = "server";
    static final String DATA_DIR = "data-dir";
    static final String PORT = "port";
    static final String HOST = "host";
    static final String OUTPUT = "output";
    static final String ACTOR = "actor";
    static final String CONFIG = "config";
    static final String DIST = "dist";

    /** Settings of the server's database; handed on as they are. */
    static final List<String> DATABASE = List.of("database-url", "database-user", "database-password");

    static final String SHARED_DIR = "shared-dir";
    static final String ARTIFACTS_DESTINATION = "artifacts-destination";
    static final String DEFAULT_ARTIFACT_ROOT = "default-artifact-root";

    /** Folders with interpreters for Python models, separated by commas; parts of their paths may be {@code *}. */
    static final String PYTHON_DIRS = "python-dirs";

    /** Settings of who may reach the server; handed on as they are. */
    static final List<String> ACCESS = List.of(
            "auth", "public-port", "tls-certificate", "tls-key", "trusted-proxy", "external-url", "default-permission");

    /** What a configuration file may hold. */
    static final List<String> FILE_KEYS = Stream.of(
                    List.of(SERVER, DATA_DIR, PORT, HOST, OUTPUT, ACTOR),
                    DATABASE,
                    List.of(SHARED_DIR, ARTIFACTS_DESTINATION, DEFAULT_ARTIFACT_ROOT, PYTHON_DIRS),
                    ACCESS)
            .flatMap(List::stream)
            .toList();

    /** The configuration file that is read when it is there and none is named. */
    static final String DEFAULT_FILE = "perennial.yaml";

    private static final String PREFIX = "PERENNIAL_";
    /** Set by the launcher, or for tests and training scripts; no settings of a command. */
    private static final List<String> OTHER_VARIABLES = List.of(
            "PERENNIAL_CONFIG",
            "PERENNIAL_DIST",
            "PERENNIAL_PYTHON",
            "PERENNIAL_PYTHON_MLFLOW2",
            "PERENNIAL_PYTHON_SCORING",
            "PERENNIAL_PYTHON_SERVING",
            "PERENNIAL_MLFLOW_PYTHON",
            "PERENNIAL_TOKEN",
            "PERENNIAL_ADMIN_USERNAME",
            "PERENNIAL_ADMIN_PASSWORD");

    private final Map<String, String> environment;
    private final Map<String, String> file;

    private Settings(Map<String, String> environment, Map<String, String> file) {
        this.environment = environment;
        this.file = file;
    }

    /** @param configOption the value of {@code --config}, empty for none */
    static Settings read(Optional<String> configOption, Map<String, String> environment, Path workingFolder) {
        refuseUnknownVariables(environment);
        Optional<String> named = configOption.or(() -> Optional.ofNullable(environment.get(variable(CONFIG))));
        Path path = workingFolder.resolve(named.orElse(DEFAULT_FILE));
        if (named.isEmpty() && !Files.isRegularFile(path)) {
            return new Settings(environment, Map.of());
        }
        return new Settings(environment, readFile(path));
    }

    /** The environment's value, else the file's. */
    Optional<String> get(String key) {
        String set = environment.get(variable(key));
        return Optional.ofNullable(set != null && !set.isBlank() ? set : file.get(key));
    }

    String home() {
        return environment.getOrDefault("HOME", System.getProperty("user.home"));
    }

    static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static void refuseUnknownVariables(Map<String, String> environment) {
        List<String> known = new java.util.ArrayList<>(
                FILE_KEYS.stream().map(Settings::variable).toList());
        known.addAll(OTHER_VARIABLES);
        for (String name : new TreeMap<>(environment).keySet()) {
            if (name.startsWith(PREFIX) && !known.contains(name)) {
                throw new CommandFailure(
                        ExitCode.USAGE, "unknown environment variable " + name + "; " + Nearest.advice(name, known));
            }
        }
    }

    private static Map<String, String> readFile(Path path) {
        Object tree;
        try {
            tree = new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build())
                    .loadFromString(Files.readString(path));
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "cannot read the configuration file " + path + ": it is not there or not readable",
                    e);
        } catch (YamlEngineException e) {
            String reason =
                    String.valueOf(e.getMessage()).replaceAll("\\s+", " ").strip();
            throw new CommandFailure(ExitCode.USAGE, path + " is not valid YAML: " + reason, e);
        }
        Map<String, String> values = new LinkedHashMap<>();
        if (tree instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                String name = String.valueOf(key);
                if (!FILE_KEYS.contains(name)) {
                    throw new CommandFailure(
                            ExitCode.USAGE, path + ": unknown key '" + name + "'; " + Nearest.advice(name, FILE_KEYS));
                }
                if (value instanceof Map || value instanceof Iterable) {
                    throw new CommandFailure(ExitCode.USAGE, path + ": '" + name + "' is not one plain value");
                }
                values.put(name, String.valueOf(value));
            });
        } else if (tree != null) {
            throw new CommandFailure(ExitCode.USAGE, path + " must hold keys with values, for example port: 7300");
        }
        return values;
    }
}
