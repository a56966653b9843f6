package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of a version stay as they were when it was registered, and bytes that were damaged on the disk are told and never sent. */
class FrozenWireIT extends MlflowFixture {
    private static final String FILES = "/api/2.0/mlflow-artifacts/artifacts/";
    private static final String VERSION_FILE = "/model-versions/get-artifact?version=1&path=weights&name=";

    private static String stored(String text) throws IOException, InterruptedException {
        String run = run();
        server.send("PUT", FILES + "0/" + run + "/artifacts/model/weights", text, "Content-Type", "a/b");
        return run;
    }

    private static JsonNode registered(String name, String run) throws IOException, InterruptedException {
        ok("POST", API + "registered-models/create", "{\"name\":\"" + name + "\"}");
        return ok(
                        "POST",
                        API + "model-versions/create",
                        "{\"name\":\"" + name + "\",\"run_id\":\"" + run + "\",\"source\":\"runs:/" + run + "/model\"}")
                .path("model_version");
    }

    private static Path blob(String text) {
        String hex = Digest.of(text).hex();
        return folder.resolve("data")
                .resolve("blobs")
                .resolve(hex.substring(0, 2))
                .resolve(hex.substring(2));
    }

    private static void damage(String text, String by) throws IOException {
        Files.setPosixFilePermissions(blob(text), PosixFilePermissions.fromString("rw-------"));
        Files.writeString(blob(text), by);
    }

    private static void told(String message, HttpResponse<String> answer) {
        refused(400, "INVALID_STATE", answer);
        assertThat(Json.parse(answer.body()).path("message").asText()).startsWith(message);
    }

    @Test
    void aLaterWriteToTheRunChangesNothingOfTheVersion() throws IOException, InterruptedException {
        String run = stored("as it was");
        assertThat(registered("kept", run).path("status").asText()).isEqualTo("READY");
        server.send("PUT", FILES + "0/" + run + "/artifacts/model/weights", "other", "Content-Type", "a/b");
        assertThat(server.send("GET", VERSION_FILE + "kept", "").body()).isEqualTo("as it was");
        ok("DELETE", FILES + "0/" + run + "/artifacts/model", "");
        HttpResponse<String> file = server.send("GET", VERSION_FILE + "kept", "", "Range", "bytes=3-5");
        assertThat(file.statusCode()).isEqualTo(206);
        assertThat(file.body()).isEqualTo("it ");
    }

    @Test
    void aFileThatIsMissingAtRegistrationIsToldAndTheVersionIsNotUsed() throws IOException, InterruptedException {
        String run = stored("soon gone");
        Files.delete(blob("soon gone"));
        JsonNode version = registered("gone", run);
        assertThat(version.path("status").asText()).isEqualTo("FAILED_REGISTRATION");
        assertThat(version.path("status_message").asText())
                .isEqualTo("the frozen file 'weights' is missing: expected sha256 " + Digest.of("soon gone")
                        + "; bring it back from a backup, or store it again");
        String unusable =
                "Model Version (name=gone, version=1) could not be registered, so it cannot be used: the frozen";
        told(unusable, server.send("GET", VERSION_FILE + "gone", ""));
        told(unusable, server.send("GET", API + "model-versions/get-download-uri?name=gone&version=1", ""));
    }

    @Test
    void aFileThatIsDamagedLaterIsToldWithBothDigests() throws IOException, InterruptedException {
        registered("damaged", stored("in order"));
        assertThat(server.send("GET", VERSION_FILE + "damaged", "").body()).isEqualTo("in order");
        damage("in order", "broken");
        told(
                "the frozen file 'weights' has changed: expected sha256 " + Digest.of("in order") + ", found sha256 "
                        + Digest.of("broken"),
                server.send("GET", VERSION_FILE + "damaged", ""));
        Files.delete(blob("in order"));
        told("the frozen file 'weights' is missing", server.send("GET", VERSION_FILE + "damaged", ""));
    }

    @Test
    void aFileOfARunThatIsDamagedIsToldWithBothDigests() throws IOException, InterruptedException {
        String path = FILES + "0/" + stored("of a run") + "/artifacts/model/weights";
        assertThat(server.send("GET", path, "").body()).isEqualTo("of a run");
        damage("of a run", "OF A RUN");
        HttpResponse<String> answer = server.send("GET", path, "");
        told("the artifact '", answer);
        assertThat(answer.body())
                .contains(Digest.of("of a run").hex(), Digest.of("OF A RUN").hex());
        assertThat(answer.headers().firstValue("Content-Disposition")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 18, (1 << 20) + 1})
    void aLargeFileThatIsDamagedIsNeverTakenForWhole(int size) throws IOException, InterruptedException {
        String text = "x".repeat(size);
        String path = FILES + "0/" + stored(text) + "/artifacts/model/weights";
        assertThat(server.send("GET", path, "").body()).hasSize(size);
        damage(text, "x".repeat(size - 1) + "y");
        boolean whole;
        try {
            whole = server.send("GET", path, "").statusCode() == 200;
        } catch (IOException e) {
            whole = false; // the connection ended before the last piece
        }
        assertThat(whole).isFalse();
    }

    @Test
    void aVersionShowsTheParamsOfItsLoggedModel() throws IOException, InterruptedException {
        String model = ok(
                        "POST",
                        API + "logged-models",
                        "{\"experiment_id\":\"0\",\"params\":[{\"key\":\"trees\",\"value\":\"9\"},{\"key\":\"depth\",\"value\":\"\"}]}")
                .at("/model/info/model_id")
                .asText();
        ok("POST", API + "registered-models/create", "{\"name\":\"with-params\"}");
        JsonNode made = ok(
                        "POST",
                        API + "model-versions/create",
                        "{\"name\":\"with-params\",\"source\":\"models:/" + model + "\"}")
                .path("model_version");
        assertThat(made.path("model_params").toString())
                .isEqualTo("[{\"name\":\"depth\",\"value\":\"\"},{\"name\":\"trees\",\"value\":\"9\"}]");
        assertThat(ok("GET", API + "model-versions/search?filter=name%3D%27with-params%27", "")
                        .at("/model_versions/0"))
                .isEqualTo(made);
    }
}
