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
 * The official Python clients of the Open Inference Protocol, in the environment that {@code PERENNIAL_PYTHON_SERVING} names. Each script
 * runs in a process of its own, since two of these clients cannot live in one.
 */
public final class ServingClients {
    private static final String VARIABLE = "PERENNIAL_PYTHON_SERVING";
    private static final int MINUTES_MAX = 5;

    private ServingClients() {}

    /**
     * Runs a script of {@code testkit/python}, which says at its end how many flows passed.
     *
     * @param folder for its output
     * @param flows how many there must be
     */
    public static void pass(Path folder, String script, int flows, String... arguments)
            throws IOException, InterruptedException {
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
        Process process = builder.start();
        boolean ended = process.waitFor(MINUTES_MAX, TimeUnit.MINUTES);
        if (!ended) {
            process.destroyForcibly();
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as(text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        assertThat(text).contains(flows + " flows passed");
    }

    private static String python() {
        String named = System.getenv(VARIABLE);
        if (named != null && Files.isExecutable(Path.of(named))) {
            return named;
        }
        String message = "NOT TESTED WITH THE OFFICIAL CLIENTS: set " + VARIABLE
                + " to a Python with testkit/python/requirements-serving.txt";
        System.getLogger(ServingClients.class.getName()).log(System.Logger.Level.WARNING, "**** " + message);
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionFailedError(message);
        }
        throw new TestAbortedException(message);
    }
}
