package dev.perennial.scoring.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.ProcessIdentity;
import dev.perennial.testkit.PythonScript;
import dev.perennial.testkit.Wheel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Real environments, made by pip from a package of our own: nothing is fetched from anywhere. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PythonEnvironmentsIT {
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    static Path folder;

    private static String version;
    private static Map<String, String> machine;
    private static PythonEnvironments.Prepared first;

    @BeforeAll
    static void prepareOnce() throws Exception {
        JsonNode facts = Json.parse(
                PythonScript.SCORING.say("import json, os, sys; print(json.dumps(['%d.%d.%d' % sys.version_info[:3],"
                        + " os.path.dirname(os.path.realpath(sys.executable))]))"));
        version = facts.get(0).asText();
        machine = new HashMap<>(Map.of(
                "PATH", facts.get(1).asText() + ":/usr/bin:/bin",
                "PIP_NO_INDEX", "1",
                "PIP_FIND_LINKS",
                        Files.createDirectories(folder.resolve("wheels")).toString(),
                "HTTPS_PROXY", "http://127.0.0.1:9",
                "SECRET", "of the platform"));
        Wheel.into(
                folder.resolve("wheels"),
                Map.of("perennial_probe.py", "import os\nSECRET = os.environ.get('SECRET')\n"));
        first = prepare(LONG, "Perennial.Probe==1.0");
    }

    private static PythonEnvironments.Prepared prepare(Duration limit, String... requirements)
            throws IOException, InterruptedException {
        return environments(machine).prepare(request(limit, requirements));
    }

    private static PythonEnvironments environments(Map<String, String> variables) {
        return new PythonEnvironments(folder.resolve("environments"), variables);
    }

    private static PythonEnvironments.Request request(Duration limit, String... requirements) {
        return new PythonEnvironments.Request(
                PythonVersion.parse(version), false, List.of(requirements), List.of(), limit);
    }

    private static Path place(PythonEnvironments.Prepared prepared) {
        return folder.resolve("environments").resolve(prepared.digest().hex());
    }

    private static List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("environments"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".lock"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void anEnvironmentHasWhatWasAskedFor() throws Exception {
        assertThat(first.built()).isTrue();
        assertThat(first.python()).isEqualTo(version);
        assertThat(first.pip()).isNotBlank();
        assertThat(first.bytes()).isGreaterThan(1_000_000);
        assertThat(PythonFinder.ask(
                        place(first).resolve("bin").resolve("python"), "import perennial_probe; print('there')"))
                .hasValue("there");
        JsonNode complete = Json.parse(Files.readString(place(first).resolve("complete.json")));
        assertThat(complete.path("requirements")).hasToString("[\"perennial-probe==1.0\"]");
        assertThat(environments(machine)
                        .interpreter(first.digest().hex(), new PythonSpec(version, false, List.of(), Map.of())))
                .isEqualTo(place(first).resolve("bin").resolve("python"));
    }

    @Test
    void theSecondTimeNothingIsFetchedOrRun() throws Exception {
        Map<String, String> cut = new HashMap<>(machine);
        cut.put("PIP_FIND_LINKS", folder.resolve("nothing").toString());
        PythonEnvironments.Prepared again =
                environments(cut).prepare(request(Duration.ofNanos(1), "perennial_probe == 1.0"));
        assertThat(again.built()).isFalse();
        assertThat(again.digest()).isEqualTo(first.digest());
        assertThat(again.bytes()).isEqualTo(first.bytes());
    }

    @Test
    void whatPipSaysIsToldAndNothingIsLeft() throws Exception {
        List<String> before = left();
        assertThatThrownBy(() -> prepare(LONG, "perennial-probe==2.0"))
                .isInstanceOfSatisfying(
                        PerennialException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_STATE))
                .hasMessageStartingWith("pip ended with exit code 1; the end of its output:\n")
                .hasMessageContaining("No matching distribution found for perennial-probe==2.0");
        assertThat(left()).isEqualTo(before);
    }

    @Test
    void twoThatWantTheSameMakeItOnceAndAHalfBuiltOneIsMadeAnew() throws Exception {
        PythonEnvironments.Prepared empty = prepare(LONG);
        Files.delete(place(empty).resolve("complete.json"));
        Files.delete(place(empty).resolve("bin").resolve("python"));
        assertThatThrownBy(() -> environments(machine)
                        .interpreter(empty.digest().hex(), new PythonSpec(version, false, List.of(), Map.of())))
                .hasMessage("environment " + empty.digest() + " is not in " + folder.resolve("environments")
                        + "; prepare it on this machine, as deploying the version again does");
        List<CompletableFuture<PythonEnvironments.Prepared>> both = Stream.of(1, 2)
                .map(i -> CompletableFuture.supplyAsync(() -> {
                    try {
                        return prepare(LONG);
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .toList();
        assertThat(both.stream().map(CompletableFuture::join).map(PythonEnvironments.Prepared::built))
                .containsExactlyInAnyOrder(true, false);
        assertThat(PythonFinder.ask(place(empty).resolve("bin").resolve("python"), "print('runs')"))
                .hasValue("runs");
    }

    /** As pip goes on when the worker that ran it was killed. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void whatAKilledProcessLeftRunningIsEndedBeforeItsPlaceIsUsed() throws Exception {
        PythonEnvironments.Prepared once = prepare(LONG, "perennial-probe>=1.0");
        Files.delete(place(once).resolve("complete.json"));
        Process left = new ProcessBuilder("setsid", "sh", "-c", "sh -c 'while :; do date > \"$0/late\"; done' \"$0\" & wait", place(once).toString()).start();
        Path late = place(once).resolve("late");
        while (Files.notExists(late)) {
            Thread.onSpinWait();
        }
        ProcessIdentity identity = ProcessIdentity.of(left.pid()).orElseThrow();
        identity.write(folder.resolve("environments").resolve(once.digest() + ".log.pid"));
        left.destroyForcibly().waitFor(); // its own child goes on
        assertThat(identity.group()).isNotEmpty();
        assertThat(prepare(LONG, "perennial-probe>=1.0").built()).isTrue();
        assertThat(identity.group()).isEmpty();
        assertThat(late).doesNotExist();
        assertThat(left()).noneMatch(name -> name.endsWith(".pid"));
    }

    @Test
    void anotherVersionOfPythonIsRefusedNamingThoseFound() {
        PythonEnvironments.Request request =
                new PythonEnvironments.Request(PythonVersion.parse("3.99.1"), true, List.of(), List.of(), LONG);
        assertThatThrownBy(() -> environments(machine).prepare(request))
                .isInstanceOfSatisfying(
                        PerennialException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageStartingWith(
                        "the model needs Python 3.99.1 or another 3.99, which this machine does not have;")
                .hasMessageContaining(version);
    }

    @Test
    void anEnvironmentOfAnotherVersionIsNotUsed() {
        PythonSpec other = new PythonSpec("3.99.1", false, List.of(), Map.of());
        assertThatThrownBy(
                        () -> environments(machine).interpreter(first.digest().hex(), other))
                .hasMessage("environment " + first.digest() + " has Python " + version
                        + ", the model was written by 3.99.1");
        assertThatThrownBy(() -> environments(machine).interpreter(null, other))
                .hasMessage("a Python model needs an environment; the configuration names none");
    }
}
