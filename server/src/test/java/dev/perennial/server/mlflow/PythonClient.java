package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An environment with the official Python client of one major version, and the scripts that use it. */
public enum PythonClient {
    MLFLOW_2("2.", "PERENNIAL_PYTHON_MLFLOW2", "requirements-2.22.txt"),
    MLFLOW_3("3.", "PERENNIAL_PYTHON", "requirements.txt");

    private static final int FLOW_MINUTES_MAX = 10;
    private static final Path ROOT = Path.of(System.getProperty("perennial.root"));

    private final String version;
    private final String variable;
    private final String requirements;

    PythonClient(String version, String variable, String requirements) {
        this.version = version;
        this.variable = variable;
        this.requirements = requirements;
    }

    /** Runs a script of the test kit against a server; it says at its end how many flows passed. */
    void passes(Path folder, String script, String url, int flows) throws IOException, InterruptedException {
        passes(folder, script, url, flows, Map.of());
    }

    /** @param environment more variables, as those with which MLflow's client signs in */
    public void passes(
            Path folder, String script, String url, int flows, Map<String, String> environment, String... wanted)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                python(folder),
                ROOT.resolve("testkit").resolve("python").resolve(script).toString(),
                url));
        command.addAll(List.of(wanted));
        Path output = folder.resolve(name() + "-" + script + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        builder.environment().putAll(environment);
        Process flow = builder.start();
        boolean ended = flow.waitFor(FLOW_MINUTES_MAX, TimeUnit.MINUTES);
        if (!ended) {
            flow.destroyForcibly();
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as(text).isTrue();
        assertThat(flow.exitValue()).as(text).isZero();
        assertThat(text).contains(flows + " flows passed with mlflow " + version);
    }

    /** The one that is named, or an environment beside the sources. */
    private String python(Path folder) throws IOException, InterruptedException {
        List<String> candidates = new ArrayList<>();
        String named = System.getenv(variable);
        if (named != null) {
            candidates.add(named);
        }
        for (Path place = ROOT; place != null; place = place.getParent()) {
            try (Stream<Path> entries = Files.list(place)) {
                entries.filter(entry -> entry.getFileName().toString().matches("\\.?venv[-\\w]*"))
                        .map(entry -> entry.resolve("bin").resolve("python").toString())
                        .sorted()
                        .forEach(candidates::add);
            }
        }
        for (String candidate : candidates) {
            if (Files.isExecutable(Path.of(candidate)) && hasClient(candidate, folder)) {
                return candidate;
            }
        }
        throw MlflowFixture.missing("Python with the client " + version + "x: set " + variable
                + " or make .venv with testkit/python/" + requirements);
    }

    private boolean hasClient(String python, Path folder) throws IOException, InterruptedException {
        String look = "import importlib.metadata as m, sklearn; exit(0 if m.version('mlflow-skinny').startswith('"
                + version + "') else 1)";
        Process process = new ProcessBuilder(python, "-c", look)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("python.log").toFile())
                .start();
        return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
    }
}
