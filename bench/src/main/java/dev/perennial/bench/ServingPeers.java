package dev.perennial.bench;

import dev.perennial.testkit.FreePort;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * MLServer and {@code mlflow models serve} over the same XGBoost file. Their Python is the one that {@code PERENNIAL_PYTHON_PEERS} names, or
 * is made once in the user's cache folder by pip; where neither works the comparison is left out, and it says so loudly.
 */
final class ServingPeers {
    private static final String VARIABLE = "PERENNIAL_PYTHON_PEERS";
    private static final Path REQUIREMENTS = Path.of("testkit/python/requirements-peers.txt");
    private static final int MINUTES_MAX = 20;
    private final Path python;
    private final Path folder;

    private ServingPeers(Path python, Path folder) {
        this.python = python;
        this.folder = folder;
    }

    static Optional<ServingPeers> find(Path folder, PrintStream out) throws IOException, InterruptedException {
        String named = System.getenv(VARIABLE);
        Path python = named == null ? cached(out) : Path.of(named);
        if (!ran(python.toString(), "-c", "import mlserver, mlserver_xgboost, mlflow, xgboost")) {
            out.println("**** NOT COMPARED WITH MLSERVER AND MLFLOW: " + python
                    + " cannot import them; name a Python 3.11" + " that has " + REQUIREMENTS + " in " + VARIABLE);
            return Optional.empty();
        }
        Files.createDirectories(folder);
        return Optional.of(new ServingPeers(python, folder));
    }

    private static Path cached(PrintStream out) throws IOException, InterruptedException {
        Path folder = MlflowPeer.cache()
                .resolve("perennial")
                .resolve("peers-"
                        + dev.perennial.kernel.Digest.of(Files.readAllBytes(REQUIREMENTS))
                                .shortHex());
        Path python = folder.resolve("bin/python");
        if (!Files.exists(folder.resolve("complete"))) {
            out.println("installing MLServer and MLflow in " + folder + " (once, some minutes)");
            Files.createDirectories(folder.getParent());
            boolean made = ran("python3.11", "-m", "venv", folder.toString())
                    && ran(python.toString(), "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS.toString())
                    // its own requirement asks for libraries of graphics cards
                    && ran(
                            python.toString(),
                            "-m",
                            "pip",
                            "install",
                            "--quiet",
                            "--no-deps",
                            "mlserver-xgboost==1.7.1");
            if (made) {
                Files.createFile(folder.resolve("complete"));
            }
        }
        return python;
    }

    /** MLServer without worker processes, which costs it less than its default of one. */
    MeasuredServer mlserver(byte[] model) throws IOException, InterruptedException {
        Path home = Files.createDirectories(folder.resolve("mlserver"));
        int port = FreePort.any();
        Files.write(home.resolve("model.json"), model);
        Files.writeString(
                home.resolve("settings.json"),
                "{\"host\":\"127.0.0.1\",\"http_port\":%d,\"grpc_port\":%d,\"metrics_port\":%d,\"parallel_workers\":0,\"debug\":false}"
                        .formatted(port, FreePort.any(), FreePort.any()));
        Files.writeString(
                home.resolve("model-settings.json"),
                "{\"name\":\"bench\",\"implementation\":\"mlserver_xgboost.XGBoostModel\",\"parameters\":{\"uri\":\"./model.json\"}}");
        String mlserver = python.resolveSibling("mlserver").toString();
        MeasuredServer server = new MeasuredServer(
                folder.resolve("mlserver.log"), port, List.of(mlserver, "start", home.toString()), environment());
        awaitAnswer(server, "/v2/models/bench/ready");
        return server;
    }

    /** {@code mlflow models serve} with its defaults, in the environment that is there. */
    MeasuredServer mlflow(byte[] model) throws IOException, InterruptedException {
        Path file = folder.resolve("model.json");
        Path home = folder.resolve("mlflow-model");
        Files.write(file, model);
        if (!ran(
                python.toString(),
                "-c",
                "import mlflow, sys, xgboost; from mlflow.types import ColSpec, Schema; from mlflow.models import ModelSignature\n"
                        + "b = xgboost.Booster(model_file=sys.argv[1])\n"
                        + "s = Schema([ColSpec('double', f'column_{i}') for i in range(" + ServingRequests.WIDTH
                        + ")])\n"
                        + "mlflow.xgboost.save_model(b, sys.argv[2], signature=ModelSignature(inputs=s))",
                file.toString(),
                home.toString())) {
            throw new IllegalStateException("MLflow could not save the model");
        }
        int port = FreePort.any();
        MeasuredServer server = new MeasuredServer(
                folder.resolve("mlflow.log"),
                port,
                List.of(
                        python.resolveSibling("mlflow").toString(),
                        "models",
                        "serve",
                        "-m",
                        home.toString(),
                        "--env-manager",
                        "local",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port)),
                environment());
        awaitAnswer(server, "/ping");
        return server;
    }

    /** One thread, no reports home, and the programs of the environment first. */
    private Map<String, String> environment() {
        return Map.of(
                "OMP_NUM_THREADS",
                "1",
                "MLFLOW_DISABLE_TELEMETRY",
                "true",
                "DO_NOT_TRACK",
                "true",
                "MLFLOW_TRACKING_URI",
                folder.resolve("runs").toUri().toString(),
                "PATH",
                python.getParent() + ":" + System.getenv("PATH"));
    }

    private static void awaitAnswer(MeasuredServer server, String path) throws IOException, InterruptedException {
        for (int i = 0; ; i++) {
            try (WireClient client = new WireClient(server.port(), 5_000)) {
                if (client.get(path).status() == 200) {
                    return;
                }
            } catch (IOException e) {
                if (i == 300) {
                    throw e;
                }
            }
            Thread.sleep(200);
        }
    }

    private static boolean ran(String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(command));
        Process process;
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment()
                .put("MLFLOW_TRACKING_URI", "file:" + System.getProperty("java.io.tmpdir") + "/bench-runs");
        try {
            process = builder.start();
        } catch (IOException e) {
            return false;
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(MINUTES_MAX, TimeUnit.MINUTES) || process.exitValue() != 0) {
            System.err.println(out.lines().reduce((first, second) -> second).orElse("it said nothing"));
            return false;
        }
        return true;
    }
}
