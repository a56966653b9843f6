package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler.StepInput;
import dev.perennial.worker.StepHandler.StepOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The interpreter is a script that makes an environment of scripts. */
class EnvironmentStepTest {
    private static final String VERSION = "3.98.7";

    @TempDir
    Path folder;

    private StepOutput run(String parameters) throws Exception {
        StepInput input = new StepInput(Json.parse(parameters), Map.of(), folder, (share, line) -> {});
        return new EnvironmentStep(folder.resolve("environments")).run(input);
    }

    /** @param pip what its pip does */
    private String python(String pip) throws IOException {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        String facts =
                "{\"python\":\"" + VERSION + "\",\"abi\":\"a\",\"platform\":\"p\",\"libc\":\"l\",\"pip\":\"9.9\"}";
        Path python = Files.writeString(bin.resolve("python3.98"), """
                #!/bin/sh
                case "$*" in
                  *ensurepip*) echo '%s';;
                  *version_info*) echo %s;;
                  *venv*) mkdir -p "$4/bin"; printf '#!/bin/sh\\n%s\\n' > "$4/bin/python"; chmod +x "$4/bin/python";;
                esac
                """.formatted(facts, VERSION, pip));
        assertThat(python.toFile().setExecutable(true)).isTrue();
        return bin.toString();
    }

    private static String parameters(String dirs, String requirements, String more) {
        return "{\"python\":\"%s\",\"pythonDirs\":[\"%s\"],\"requirements\":[%s]%s}"
                .formatted(VERSION, dirs, requirements, more);
    }

    private void fails(String parameters, StepFailure.Kind kind, String why) {
        assertThatThrownBy(() -> run(parameters))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContaining(why);
    }

    @Test
    void askingForAnEnvironmentAgainIsNotedSoThatNoCollectionTakesIt() throws Exception {
        String parameters = parameters(python("exit 0"), "", "");
        String digest = run(parameters).values().get("environment").asText();
        Path complete = folder.resolve("environments").resolve(digest).resolve("complete.json");
        String told = Files.readString(complete);
        Files.setLastModifiedTime(complete, java.nio.file.attribute.FileTime.fromMillis(1));
        assertThat(run(parameters).values().get("built").asBoolean()).isFalse();
        assertThat(Files.getLastModifiedTime(complete).toMillis()).isGreaterThan(1);
        assertThat(complete).hasContent(told);
    }

    @Test
    void theEnvironmentIsMadeOnceAndNamedByItsDigest() throws Exception {
        String parameters = parameters(python("exit 0"), "\"mlflow==3.11.1\"", "");
        Map<String, JsonNode> values = run(parameters).values();
        assertThat(values.get("built").asBoolean()).isTrue();
        assertThat(values.get("python").asText()).isEqualTo(VERSION);
        assertThat(values.get("pip").asText()).isEqualTo("9.9");
        assertThat(values.get("bytes").asLong()).isPositive();
        Path place =
                folder.resolve("environments").resolve(values.get("environment").asText());
        assertThat(place.resolve("complete.json")).isRegularFile();
        Map<String, JsonNode> again = run(parameters).values();
        assertThat(again.get("built").asBoolean()).isFalse();
        assertThat(again.get("environment")).isEqualTo(values.get("environment"));
        assertThat(run(parameters(python("exit 0"), "\"mlflow==3.12.0\"", ""))
                        .values()
                        .get("environment"))
                .as("of other requirements")
                .isNotEqualTo(values.get("environment"));
    }

    @Test
    void whatPipSaysIsTheUsersAffair() throws Exception {
        fails(
                parameters(python("echo no such package; exit 1"), "\"mlflow==3.11.1\"", ""),
                StepFailure.Kind.USER,
                "pip ended with exit code 1; the end of its output:\nno such package");
        assertThat(folder.resolve("environments")).isDirectoryNotContaining("glob:**/*.txt");
    }

    @Test
    void aPipThatTakesTooLongIsEndedAndTriedAgain() throws Exception {
        fails(
                parameters(python("echo waiting; exec sleep 600"), "\"mlflow==3.11.1\"", ",\"timeoutSeconds\":1"),
                StepFailure.Kind.INFRA,
                "pip did not end within 1 s; the end of its output:\nwaiting");
    }

    @Test
    void aMissingPythonIsTheDeclarationsFaultAndNamesThoseFound() throws Exception {
        fails(
                "{\"python\":\"3.98.1\",\"pythonDirs\":[\"" + python("exit 0") + "\"],\"requirements\":[]}",
                StepFailure.Kind.CONFIG,
                VERSION + "; install it, or say 'python: minor' to accept " + VERSION + " instead");
        Map<String, JsonNode> values = run("{\"python\":\"3.98.1\",\"minor\":true,\"pythonDirs\":[\"" + folder
                        + "/b*\"],\"requirements\":[]}")
                .values();
        assertThat(values.get("python").asText()).isEqualTo(VERSION);
    }

    @Test
    void wrongParametersAreNamed() {
        fails("{\"requirements\":[]}", StepFailure.Kind.CONFIG, "'' is no version of Python");
        fails(
                "{\"python\":\"3.11.7\",\"requirements\":[1]}",
                StepFailure.Kind.CONFIG,
                "'requirements' must be a list of texts");
        fails(
                "{\"python\":\"3.11.7\",\"requirements\":[\"-e .\"]}",
                StepFailure.Kind.CONFIG,
                "the requirement '-e .' cannot be installed");
        fails(
                "{\"python\":\"3.11.7\",\"requirements\":[],\"timeoutSeconds\":0}",
                StepFailure.Kind.CONFIG,
                "'timeoutSeconds' 0 must be from 1 to 7200");
    }
}
