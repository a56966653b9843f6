package dev.perennial.server.proof;

import dev.perennial.testkit.MlflowServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/**
 * A real MLflow server with its own SQLite file, filled by {@code testkit/python/seed_mlflow.py}. Its Python is the one of {@code
 * PERENNIAL_MLFLOW_PYTHON} or the one that {@code ./perennial bench tracking} made; without one a test is skipped with a loud message, and
 * fails where {@code CI=true}.
 */
final class RealMlflow implements AutoCloseable {
    private static final int SEED_MINUTES_MAX = 10;

    private final MlflowServer server;
    private final Path python;
    private final Path folder;

    private RealMlflow(MlflowServer server, Path python, Path folder) {
        this.server = server;
        this.python = python;
        this.folder = folder;
    }

    static RealMlflow start(Path folder) throws IOException {
        Path python = python().orElseThrow(RealMlflow::missing);
        return new RealMlflow(MlflowServer.start(python, folder), python, folder);
    }

    private static Optional<Path> python() {
        String named = System.getenv("PERENNIAL_MLFLOW_PYTHON");
        String cache = System.getenv("XDG_CACHE_HOME");
        Path made = (cache == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache))
                .resolve("perennial/mlflow-3.17.2/bin/python");
        return Optional.of(named == null ? made : Path.of(named)).filter(Files::isExecutable);
    }

    private static RuntimeException missing() {
        String message =
                "NOT TESTED AGAINST A REAL MLFLOW: no Python with mlflow 3.17.2; './perennial bench tracking --only start' makes"
                        + " one, or name one in PERENNIAL_MLFLOW_PYTHON";
        System.getLogger(RealMlflow.class.getName()).log(System.Logger.Level.WARNING, "**** " + message);
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionFailedError(message);
        }
        return new TestAbortedException(message);
    }

    String address() {
        return server.address();
    }

    int port() {
        return server.port();
    }

    Web web() {
        return new Web(server.port());
    }

    /** Returns the id of the run that has a bit of everything. */
    String seed(int runs) throws IOException, InterruptedException {
        Path out = folder.resolve("seed.out");
        Process seed = new ProcessBuilder(
                        python.toString(),
                        Distribution.file("testkit/python/seed_mlflow.py").toString(),
                        address(),
                        folder.resolve("mlflow.db").toString(),
                        String.valueOf(runs))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        if (!seed.waitFor(SEED_MINUTES_MAX, TimeUnit.MINUTES) || seed.exitValue() != 0) {
            throw new IllegalStateException("seeding failed: " + text(out));
        }
        return text(out).strip().lines().reduce((first, last) -> last).orElseThrow();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
