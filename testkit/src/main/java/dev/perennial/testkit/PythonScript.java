package dev.perennial.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/**
 * Runs scripts of {@code testkit/python} with the interpreter that an environment variable names. Where it is missing the test is skipped
 * and says so; in CI it fails.
 *
 * @param variable names the interpreter
 * @param requirements the file of {@code testkit/python} that its environment is made of
 */
public record PythonScript(String variable, String requirements) {
    /** MLflow's client, 3.17.2. */
    public static final PythonScript CLIENT = new PythonScript("PERENNIAL_PYTHON", "requirements.txt");
    /** MLflow's scoring server as our bug-compatible mode follows it, 3.11.1. */
    public static final PythonScript SCORING = new PythonScript("PERENNIAL_PYTHON_SCORING", "requirements-scoring.txt");
    /** MLflow's newest scoring server, 3.17.2. */
    public static final PythonScript SERVER = new PythonScript("PERENNIAL_MLFLOW_PYTHON", "requirements-server.txt");

    /** The official clients of the Open Inference Protocol; two of them cannot live in one process. */
    public static final PythonScript SERVING_CLIENTS =
            new PythonScript("PERENNIAL_PYTHON_SERVING", "requirements-serving.txt");

    private static final int MINUTES_MAX = 10;

    /**
     * Runs a script to its end, which must be good.
     *
     * @param folder where it works and where its output stands afterwards
     * @return what it printed
     */
    public String run(Path folder, String script, String... arguments) throws IOException, InterruptedException {
        Path root = Path.of(System.getProperty("perennial.root"));
        List<String> command = new ArrayList<>(List.of(
                python(),
                root.resolve("testkit").resolve("python").resolve(script).toString()));
        command.addAll(List.of(arguments));
        Path output = folder.resolve(script + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        builder.environment().put("MLFLOW_DISABLE_TELEMETRY", "true");
        Process process = builder.start();
        boolean ended = process.waitFor(MINUTES_MAX, TimeUnit.MINUTES);
        if (!ended) {
            process.destroy();
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as(text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }

    /**
     * Runs a script that says at its end how many flows passed.
     *
     * @param flows how many there must be
     */
    public void pass(Path folder, String script, int flows, String... arguments)
            throws IOException, InterruptedException {
        assertThat(run(folder, script, arguments)).contains(flows + " flows passed");
    }

    /** What a line of Python prints. */
    public String say(String line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(python(), "-c", line).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    /** The interpreter; where there is none the test is skipped. */
    String python() {
        String named = System.getenv(variable);
        if (named != null && Files.isExecutable(Path.of(named))) {
            return named;
        }
        String message = "NOT TESTED WITH PYTHON: set " + variable + " to a Python with testkit/python/" + requirements;
        System.getLogger(PythonScript.class.getName()).log(System.Logger.Level.WARNING, "**** " + message);
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionFailedError(message);
        }
        throw new TestAbortedException(message);
    }
}
