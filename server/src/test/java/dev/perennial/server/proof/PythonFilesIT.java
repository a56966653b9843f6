package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.testkit.PythonScript;
import dev.perennial.testkit.Wheel;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Python model that MLflow's client logged scores files without having been deployed, and is served by a scorer elsewhere: the real programs, the real pip, and a package of our
 * own that lends the libraries of the interpreter that logged it, so that nothing is fetched.
 */
@Tag("long")
@ExtendWith(Distribution.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PythonFilesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String MODEL = "models:/Grass snakes/1";

    @TempDir
    private static Path folder;

    private static Installation installation;
    private static Map<String, String> machine = Map.of();
    private static String python = "";

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        JsonNode facts = Json.parse(PythonScript.SCORING.say(
                "import importlib.metadata, json, os, sys, sysconfig; print(json.dumps([sysconfig.get_paths()['purelib'],"
                        + " os.path.dirname(os.path.realpath(sys.executable)),"
                        + " importlib.metadata.version('mlflow')]))"));
        Path wheels = Files.createDirectories(folder.resolve("wheels"));
        Wheel.into(wheels, Map.of("perennial_probe.pth", facts.get(0).asText() + "\n"));
        // MLflow adds itself to what a model asks for
        Wheel.into(wheels, "mlflow", facts.get(2).asText(), Map.of());
        machine = Map.of("PIP_NO_INDEX", "1", "PIP_FIND_LINKS", wheels.toString());
        python = facts.get(1).asText();
        installation = Installation.startWith(folder, machine, "-Dperennial.python-dirs=" + python);
        PythonScript.SCORING.run(folder, "python_logged.py", "http://127.0.0.1:" + installation.port());
    }

    @AfterAll
    static void end() {
        if (installation != null) {
            installation.close();
        }
    }

    private static CommandLineRun perennial(String... arguments) {
        return CommandLineRun.of(
                folder,
                Map.of("PERENNIAL_SERVER", "http://127.0.0.1:" + installation.port(), "HOME", folder.toString()),
                arguments);
    }

    private static JsonNode job(String id) {
        return installation.web().tryGet("/api/scorings/" + id).orElse(Json.object());
    }

    private static List<String> environments(String ending) throws IOException {
        try (Stream<Path> all = Files.walk(installation.data().resolve("environments"), 2)) {
            return all.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(ending))
                    .toList();
        }
    }

    private static boolean building() {
        try {
            return !environments(".log.pid").isEmpty();
        } catch (IOException e) {
            return false; // the folder is not there yet
        }
    }

    @Test
    @Order(1)
    void aWorkerKilledWhilePipRunsIsFollowedByOneThatMakesTheEnvironmentAnewAndScores() throws Exception {
        Files.writeString(folder.resolve("rows.csv"), "a,n\n1.5,1\n-2,2\nx,3\n");
        CommandLineRun begun = perennial("score", "rows.csv", "--model", MODEL, "--no-wait");
        assertThat(begun.exit()).as(begun.err()).isZero();
        String id = begun.out().strip();
        Until.isTrue("the environment is being made", PATIENCE, PythonFilesIT::building);
        assertThat(installation.killWorkers()).isPositive();
        Until.isTrue(
                "the job has ended",
                PATIENCE,
                () -> List.of("DONE", "FAILED").contains(job(id).path("state").asText()));
        assertThat(job(id).path("state").asText()).as(job(id).toString()).isEqualTo("DONE");
        List<String> lines = Files.readAllLines(folder.resolve("rows.scored.csv"));
        assertThat(lines.subList(0, 3))
                .containsExactly("a,n,score,version,error", "1.5,1,4.0,Grass snakes/1,", "-2,2,-2.0,Grass snakes/1,");
        assertThat(lines.get(3)).startsWith("x,3,,Grass snakes/1,").contains("number");
        assertThat(environments("complete.json")).hasSize(1);
        assertThat(environments(".pid")).isEmpty();
        Until.isTrue(
                "what was found is kept",
                PATIENCE,
                () -> job(id).at("/admission/verdict").asText().equals("ADMITTED"));
        assertThat(job(id).at("/admission/evidence").isObject()).isTrue();

        CommandLineRun second = perennial("score", "rows.csv", "--model", MODEL, "--to", "again.csv");
        assertThat(second.exit()).as(second.err()).isZero();
        assertThat(Files.readString(folder.resolve("again.csv")))
                .isEqualTo(Files.readString(folder.resolve("rows.scored.csv")));
        assertThat(environments("complete.json")).hasSize(1);
    }

    private static Optional<JsonNode> edge() {
        return installation.web().tryGet("/api/status").stream()
                .flatMap(status -> StreamSupport.stream(status.path("scorers").spliterator(), false))
                .filter(scorer -> scorer.path("id").asText().equals("edge"))
                .findFirst();
    }

    private static String answer(Web scorer) {
        try {
            return scorer.post("/endpoints/snakes/predict", "{\"records\":[{\"a\":1.5,\"n\":1}]}")
                    .body();
        } catch (IOException e) {
            return ""; // not there yet
        }
    }

    @Test
    @Order(2)
    void aStandaloneScorerMakesTheEnvironmentOfADeployedModelAndServesIt() throws Exception {
        CommandLineRun deployed = perennial("deploy", MODEL, "--endpoint", "snakes", "--reason", "first");
        assertThat(deployed.exit()).as(deployed.err()).isZero();
        Map<String, String> variables = new HashMap<>(machine);
        variables.put("PERENNIAL_SERVER", "http://127.0.0.1:" + installation.port());
        variables.put("PERENNIAL_PYTHON_DIRS", python);
        variables.put("HOME", folder.toString());
        Process scorer = CommandLineRun.started(
                folder, variables, folder.resolve("edge.out"), folder.resolve("edge.err"), "scorer", "--name", "edge");
        try {
            JsonNode seen = Until.isThere("the scorer", PATIENCE, PythonFilesIT::edge);
            Until.isTrue(
                    "it has an address",
                    PATIENCE,
                    () -> !edge().orElse(seen).path("url").asText().isEmpty());
            Web web = new Web(
                    URI.create(edge().orElseThrow().path("url").asText()).getPort());
            Until.isTrue("it serves the model", PATIENCE, () -> answer(web).contains("4.0"));
            Until.isTrue(
                    "it lacks nothing",
                    PATIENCE,
                    () -> edge().orElseThrow().path("environments").isEmpty());
            assertThat(folder.resolve(".perennial/scorers/edge/environments")).isDirectory();
        } finally {
            scorer.destroy();
            scorer.onExit().join();
        }
    }
}
