package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.python.ModelFolder;
import dev.perennial.scoring.python.PyfuncManifest;
import dev.perennial.testkit.PythonModels;
import dev.perennial.testkit.PythonScript;
import dev.perennial.testkit.Wheel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real program as a standalone scorer, with a real Python model: it makes the environment by the real pip, from a package of our own
 * that lends the libraries of the interpreter that wrote the model, so that nothing is fetched.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StandaloneEnvironmentsIT {
    private static final String REQUIREMENT = "perennial-probe==1.0";
    private static final String ROWS = "{\"records\":[{\"a\":1.5,\"n\":1,\"c\":\"x\"}]}";

    @TempDir
    Path folder;

    private PublicServer server;
    private ScorerProgram program;
    private Caller caller;
    private String python;

    @BeforeEach
    void start() throws Exception {
        server = new PublicServer(null);
        program = new ScorerProgram(folder.resolve("scorer"), server.port());
        Files.writeString(folder.resolve("scorer").resolve("token"), PublicServer.TOKEN);
        caller = new Caller("http://127.0.0.1:" + program.port());
        JsonNode facts = Json.parse(PythonScript.SCORING.say(
                "import json, os, sys, sysconfig; print(json.dumps([sysconfig.get_paths()['purelib'],"
                        + " os.path.dirname(os.path.realpath(sys.executable))]))"));
        python = facts.get(1).asText();
        Path wheels = Files.createDirectories(folder.resolve("wheels"));
        Wheel.into(wheels, Map.of("perennial_probe.pth", facts.get(0).asText() + "\n"));
        program.variable("PIP_NO_INDEX", "1");
        program.variable("PIP_FIND_LINKS", wheels.toString());
    }

    @AfterEach
    void stop() {
        program.close();
        caller.close();
        server.close();
    }

    private Process launch(String... more) throws IOException {
        List<String> flags = new ArrayList<>(List.of("--standalone", "yes", "--python-dirs", python));
        flags.addAll(List.of(more));
        return program.launch(flags.toArray(String[]::new));
    }

    /** A tree model, which needs nothing. */
    private String tree() throws IOException {
        Path there = folder.resolve("server");
        String files = new Models(there).model(0.25, "x");
        offer(there);
        return endpoint("trees", files);
    }

    /** Lets the server give the blobs of a folder. */
    private void offer(Path there) throws IOException {
        try (Stream<Path> all = Files.walk(there)) {
            for (Path blob : all.filter(Files::isRegularFile).toList()) {
                server.blob(blob.getParent().getFileName() + blob.getFileName().toString(), Files.readAllBytes(blob));
            }
        }
    }

    private static String endpoint(String name, String files) {
        return "{\"name\":\"%s\",\"key\":[],\"salt\":\"s\",\"variants\":[%s]}"
                .formatted(name, Models.variant(name + "/1", "champion", 10_000, files));
    }

    private String snakes() throws IOException, InterruptedException {
        PythonModels models = PythonModels.make(folder.resolve("models"), "obedient");
        Path there = folder.resolve("server");
        List<ModelFolder.Entry> files = new ArrayList<>();
        String main = "";
        for (JsonNode file : models.store("obedient", there)) {
            files.add(new ModelFolder.Entry(
                    file.get("path").asText(),
                    new Digest(file.get("digest").asText()),
                    file.get("bytes").asLong()));
            main = file.get("path").asText().equals(ModelFolder.MLMODEL)
                    ? file.get("digest").asText()
                    : main;
        }
        JsonNode told = models.told("obedient");
        ModelManifest manifest = PyfuncManifest.of(
                new PyfuncManifest.Texts(
                        told.path("inputs").textValue(),
                        told.path("outputs").textValue(),
                        told.path("python").textValue(),
                        REQUIREMENT),
                files,
                false);
        return files(there, manifest.toJson(), main);
    }

    /** The files of an endpoint's version, whose environment the server has, and nobody else. */
    private String files(Path there, byte[] manifest, String main) throws IOException {
        String files = Json.object()
                .put("manifest", PythonModels.put(there, manifest).hex())
                .put("file", main)
                .put("environment", Digest.of("on the server's machine").hex())
                .toString();
        offer(there);
        return endpoint("snakes", files);
    }

    /** A model that demands a Python that no machine has. */
    private String strange() throws IOException {
        Path there = folder.resolve("server");
        Digest mlmodel = PythonModels.put(there, new byte[] {1});
        return files(there, PythonManifests.of("3.99.1", mlmodel, REQUIREMENT), mlmodel.hex());
    }

    private void configure(long revision, String... endpoints) {
        server.configure(
                revision,
                "{\"revision\":%d,\"flush\":0,\"endpoints\":[%s]}".formatted(revision, String.join(",", endpoints)));
    }

    private String scored() throws IOException, InterruptedException {
        return caller.post("/endpoints/snakes/predict", ROWS).text();
    }

    private boolean ready(String path) {
        try {
            return caller.get(path).status() == 200;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    /** The environments that are there whole. */
    private List<Path> environments() throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("scorer").resolve("environments"), 2)) {
            return all.filter(file -> file.endsWith("complete.json")).toList();
        }
    }

    @Test
    void theEnvironmentIsMadeOnceWhileOthersServeAndIsThereAfterAKill() throws Exception {
        configure(1, tree(), strange());
        Process first = launch();
        server.await(
                "a refusal",
                () -> server.environments()
                        .at("/0/message")
                        .asText()
                        .startsWith(
                                "the model needs Python 3.99.1 or another 3.99, which this machine does not have; found were"));
        assertThat(server.environments().at("/0/version").asText()).isEqualTo("snakes/1");
        assertThat(server.environments().at("/0/state").asText()).isEqualTo("FAILED");
        assertThat(ready("/v2/models/trees/ready")).isTrue();
        assertThat(ready("/v2/models/snakes/ready")).isFalse();
        assertThat(caller.get("/healthz").text()).contains("the environment of snakes/1 cannot be built");

        configure(2, tree(), snakes());
        server.await("the model", () -> ready("/v2/models/snakes/ready"));
        assertThat(scored()).contains("4.1");
        server.await("nothing is missing", () -> server.environments().isEmpty());
        assertThat(ready("/v2/health/ready")).isTrue();
        assertThat(environments()).hasSize(1);

        first.destroyForcibly().waitFor();
        program.variable("PIP_FIND_LINKS", folder.resolve("nothing").toString());
        launch();
        server.await("the model", () -> ready("/v2/models/snakes/ready"));
        assertThat(scored()).contains("4.1");
        assertThat(environments()).hasSize(1);
    }

    @Test
    void oneThatIsToldToMakeNoneRefusesTheModelAndServesTheOthers() throws Exception {
        configure(1, tree(), strange());
        launch("--make-environments", "no");
        server.await("the others", () -> ready("/v2/models/trees/ready"));
        server.await("the refusal", this::refused);
        assertThat(server.environments()).isEmpty();
        assertThat(folder.resolve("scorer").resolve("environments")).doesNotExist();
    }

    private boolean refused() {
        try {
            return caller.get("/healthz").text().contains("champion snakes/1 of snakes cannot be loaded: environment ");
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }
}
