package dev.perennial.testkit;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real MLflow server with one worker and without its job runners, on a free port of this machine, with an SQLite file and its artifacts
 * in a folder. For tests and benchmarks.
 */
public final class MlflowServer implements AutoCloseable {
    private static final int LOOK_MILLIS = 20;
    private static final int LOOKS_MAX = 6_000;
    private static final int PATIENCE_MILLIS = 5_000;
    private static final Map<String, String> QUIET = Map.of(
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false", "MLFLOW_DISABLE_TELEMETRY", "true", "DO_NOT_TRACK", "true");

    private final Process process;
    private final Path folder;
    private final int port;

    private MlflowServer(Process process, Path folder, int port) {
        this.process = process;
        this.folder = folder;
        this.port = port;
    }

    /**
     * Starts it and waits until it answers; {@code IOException} with its log when it does not.
     *
     * @param python of an environment that holds MLflow
     * @param folder made when it is not there
     */
    public static MlflowServer start(Path python, Path folder) throws IOException {
        int port = FreePort.any();
        Files.createDirectories(folder);
        ProcessBuilder builder = new ProcessBuilder(
                        "setsid",
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
                        folder.resolve("artifacts").toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mlflow.log").toFile());
        builder.environment().putAll(QUIET);
        MlflowServer server = new MlflowServer(builder.start(), folder, port);
        server.awaitAnswer();
        return server;
    }

    private void awaitAnswer() throws IOException {
        try {
            for (int i = 0; i < LOOKS_MAX; i++) {
                if (answers()) {
                    return;
                }
                if (process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
        throw new IOException(
                "MLflow does not answer: " + Files.readString(folder.resolve("mlflow.log"), StandardCharsets.UTF_8));
    }

    private boolean answers() {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create(address() + "/health").toURL().openConnection();
            connection.setConnectTimeout(PATIENCE_MILLIS);
            connection.setReadTimeout(PATIENCE_MILLIS);
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }

    public String address() {
        return "http://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    /** The first of its processes, with the others below it. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Ends all of its processes. */
    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        process.onExit().join();
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
