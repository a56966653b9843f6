package dev.perennial.worker;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The command line of a worker.
 *
 * @param server base URL of the server
 * @param run the run to work for
 * @param worker name of this process
 * @param dir data directory; {@code workers/NAME} in it is this process's own folder
 * @param tokenFile holds the secret of the internal routes
 */
record WorkerOptions(URI server, String run, String worker, Path dir, Path tokenFile) {
    private static final Set<String> NAMES = Set.of("--server", "--run", "--worker", "--dir", "--token-file");
    static final String USAGE = "usage: WorkerMain --server URL --run RUN --worker NAME --dir DATA --token-file FILE";

    /** Empty when the line is wrong. */
    static Optional<WorkerOptions> parse(String... args) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            given.put(args[i], args[i + 1]);
        }
        if (args.length % 2 != 0 || !given.keySet().equals(NAMES)) {
            return Optional.empty();
        }
        return Optional.of(new WorkerOptions(
                URI.create(text(given, "--server")),
                text(given, "--run"),
                text(given, "--worker"),
                Path.of(text(given, "--dir")),
                Path.of(text(given, "--token-file"))));
    }

    private static String text(Map<String, String> given, String name) {
        return given.getOrDefault(name, "");
    }

    Path ownFolder() {
        return dir.resolve("workers").resolve(worker);
    }
}
