package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Drives the web interface of the real server with a real browser; the tests themselves are in {@code ui/e2e}. */
class InterfaceIT {
    private static final Path ROOT = Path.of(System.getProperty("perennial.root"));
    private static final Path DIST = ROOT.resolve("target/dist");
    private static final List<Path> BROWSERS = Stream.of(
                    "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
            .map(Path::of)
            .toList();
    private static final long MINUTES_MAX = 20;

    @Test
    void peopleCanUseTheInterfaceInARealBrowser() throws IOException, InterruptedException {
        require(Files.exists(DIST.resolve("server/quarkus-run.jar")), "the distribution is not built (mvn package)");
        require(
                Files.isDirectory(ROOT.resolve("ui/node_modules/playwright-core")),
                "the interface's packages are not installed (Node is needed)");
        require(
                BROWSERS.stream().anyMatch(Files::exists) || System.getenv("CHROMIUM") != null,
                "no Chromium was found among " + BROWSERS);
        ProcessBuilder builder = new ProcessBuilder(
                        "node",
                        "--test",
                        "--test-concurrency=2",
                        "--test-reporter=spec",
                        "e2e/run.mjs",
                        "e2e/people.mjs",
                        "e2e/tracking.mjs",
                        "e2e/access.mjs",
                        "e2e/endpoints.mjs")
                .directory(ROOT.resolve("ui").toFile())
                .redirectErrorStream(true);
        builder.environment().put("PERENNIAL_ROOT", ROOT.toString());
        builder.environment().put("PERENNIAL_DIST", DIST.toString());
        builder.environment().put("JAVA_FLAGS", String.join(" ", Program.SERVER.flags(DIST)));
        builder.environment()
                .put(
                        "JAVA",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Path log = Files.createTempFile("interface", ".log");
        Process process = builder.redirectOutput(log.toFile()).start();
        boolean ended = process.waitFor(MINUTES_MAX, TimeUnit.MINUTES);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(ended)
                .as("browser tests within %d minutes:%n%s", MINUTES_MAX, Files.readString(log))
                .isTrue();
        assertThat(process.exitValue())
                .as("browser tests:%n%s", Files.readString(log))
                .isZero();
        Files.delete(log);
    }

    /** Without what it needs the test is skipped loudly, and fails where nobody would read that. */
    private static void require(boolean holds, String missing) {
        if (!holds) {
            String message = "BROWSER TESTS SKIPPED: " + missing;
            assertThat(System.getenv("CI")).as(message).isNotEqualTo("true");
            System.err.println(message);
            Assumptions.abort(message);
        }
    }
}
