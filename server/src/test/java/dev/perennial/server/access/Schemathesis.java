package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/** Sends what the description of an API allows, and what it does not, and looks at the answers. */
final class Schemathesis {
    private static final long MINUTES_MAX = 30;
    private static final String CHECKS =
            "not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance,"
                    + "negative_data_rejection";

    private Schemathesis() {}

    /**
     * Runs it with a fixed seed. No answer may take 20 seconds, be a server's fault, or be of another shape than described, and what the
     * description does not allow must be refused. Long polls are left out: their waiting is wanted.
     */
    static void passes(Path folder, String url, String authorization, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                program().toString(),
                "run",
                url + "/api/openapi.json",
                "--header",
                "Authorization: " + authorization,
                "--checks",
                CHECKS,
                "--request-timeout",
                "20",
                "--exclude-path",
                "/api/events",
                "--continue-on-failure",
                "--warnings",
                "off"));
        command.addAll(List.of(more));
        Path output = folder.resolve("schemathesis.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("NO_COLOR", "1");
        Process run = builder.start();
        boolean ended = run.waitFor(MINUTES_MAX, TimeUnit.MINUTES);
        if (!ended) {
            run.destroyForcibly();
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as(text).isTrue();
        assertThat(run.exitValue()).as(text).isZero();
        assertThat(text).containsPattern("Tested: [1-9]");
    }

    private static Path program() {
        String python = System.getenv("PERENNIAL_PYTHON");
        Path program = Path.of(python == null ? "." : python).resolveSibling("st");
        if (python == null || !Files.isExecutable(program)) {
            String message = "NOT TESTED: set PERENNIAL_PYTHON to an environment of testkit/python/requirements.txt";
            assertThat(System.getenv("CI")).as(message).isNotEqualTo("true");
            throw new TestAbortedException(message);
        }
        return program;
    }
}
