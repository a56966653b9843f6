package dev.perennial.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The Python that runs MLflow's server for comparison: the one that {@code PERENNIAL_MLFLOW_PYTHON} names, or one that is made once in the
 * user's cache folder by pip. Where neither works, the comparison is skipped, and it says so loudly.
 */
final class MlflowPeer {
    static final String VERSION = "3.17.2";
    private static final String VARIABLE = "PERENNIAL_MLFLOW_PYTHON";
    private static final int MINUTES_MAX = 15;

    private MlflowPeer() {}

    static Optional<Path> python(PrintStream out) throws IOException, InterruptedException {
        String named = System.getenv(VARIABLE);
        if (named != null) {
            if (!isReady(Path.of(named))) {
                out.println("**** NOT COMPARED WITH MLFLOW: " + VARIABLE + "=" + named + " cannot import mlflow "
                        + VERSION + " with its server");
                return Optional.empty();
            }
            return Optional.of(Path.of(named));
        }
        Path folder = cache().resolve("perennial").resolve("mlflow-" + VERSION);
        Path python = folder.resolve("bin/python");
        if (isReady(python)) {
            return Optional.of(python);
        }
        out.println("installing mlflow " + VERSION + " in " + folder + " (once, a minute or two)");
        Files.createDirectories(folder.getParent());
        boolean made = ran("python3", "-m", "venv", folder.toString())
                && ran(
                        python.toString(),
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--disable-pip-version-check",
                        "mlflow==" + VERSION);
        if (!made || !isReady(python)) {
            out.println("**** NOT COMPARED WITH MLFLOW: it could not be installed in " + folder + "; name a Python that"
                    + " has mlflow " + VERSION + " in " + VARIABLE);
            return Optional.empty();
        }
        return Optional.of(python);
    }

    /** The user's cache folder, in which environments are made once. */
    static Path cache() {
        String cache = System.getenv("XDG_CACHE_HOME");
        return cache == null || cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
    }

    private static boolean isReady(Path python) throws IOException, InterruptedException {
        return Files.isExecutable(python)
                && ran(
                        python.toString(),
                        "-c",
                        "import importlib.metadata as m, flask, uvicorn; assert m.version('mlflow') == '" + VERSION
                                + "'");
    }

    private static boolean ran(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(MINUTES_MAX, TimeUnit.MINUTES) && process.exitValue() == 0;
    }
}
