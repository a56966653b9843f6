package dev.perennial.server.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
    private static final Duration START = Duration.ofSeconds(120);
    private static final int SEED_MINUTES_MAX = 10;

    private final Process process;
    private final Path python;
    private final Path folder;
    private final int port;

    private RealMlflow(Process process, Path python, Path folder, int port) {
        this.process = process;
        this.python = python;
        this.folder = folder;
        this.port = port;
    }

    static RealMlflow start(Path folder) throws IOException {
        Path python = python().orElseThrow(RealMlflow::missing);
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        python.toString(),
                        "-m",
                        "mlflow",
                        "server",
                        "--host",
                        "127.0.0.1",
                        "--port",
                        String.valueOf(port),
                        "--workers",
                        "1",
                        "--backend-store-uri",
                        "sqlite:///" + folder.resolve("mlflow.db"),
                        "--artifacts-destination",
                        folder.resolve("artifacts").toString()))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mlflow.log").toFile());
        builder.environment().put("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
        builder.environment().put("DO_NOT_TRACK", "true");
        RealMlflow mlflow = new RealMlflow(builder.start(), python, folder, port);
        Until.isTrue("MLflow answers; see " + folder.resolve("mlflow.log"), START, () -> {
            try {
                return mlflow.web().get("/health").status() == 200;
            } catch (IOException e) {
                return false;
            }
        });
        return mlflow;
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
        System.err.println("**** " + message);
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionFailedError(message);
        }
        return new TestAbortedException(message);
    }

    String address() {
        return "http://127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    Web web() {
        return new Web(port);
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
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        process.onExit().join();
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
