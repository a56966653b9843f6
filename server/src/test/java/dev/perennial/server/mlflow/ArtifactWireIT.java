package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every route of artifacts on a packaged server that keeps them as plain files, beside one that keeps them by content. */
class ArtifactWireIT extends MlflowFixture {
    private static final String FILES = "/api/2.0/mlflow-artifacts/artifacts/";
    private static final String INVALID = "INVALID_PARAMETER_VALUE";
    private static final String ABSENT = "RESOURCE_DOES_NOT_EXIST";

    /** More than the heap of the server, which has 256 MB. */
    private static final long LARGE_BYTES = 320L << 20;

    private static final List<String> CORPUS = List.of(
            "../secret",
            "..",
            "a/../../secret",
            "%2e%2e/secret",
            "%2e%2e%2fsecret",
            "%252e%252e%252fsecret",
            "%25252e%25252e%25252fsecret",
            "a/%2e%2e/%2e%2e/secret",
            "..%2fsecret",
            "%2fetc%2fpasswd",
            "%2Fetc/passwd",
            "%5c%5chost%5cx",
            "a%5c..%5csecret",
            "a%00b",
            "a%0ab",
            "a%23b",
            "a%2523b",
            "./%2e%2e/x",
            "%c0%ae%c0%ae/secret");

    /** Leads elsewhere only where nothing stands before it. */
    private static final List<String> CORPUS_AT_START = List.of("C:/x", "C%3A%2Fx", "file:%2f%2f%2fetc%2fpasswd");

    @TempDir
    static Path plain;

    static RunningServer plainFiles;

    @BeforeAll
    static void startTheOther() throws IOException, InterruptedException {
        plainFiles = RunningServer.start(
                Files.createDirectories(plain.resolve("server")),
                List.of("perennial.artifacts-destination=" + plain.resolve("mlartifacts")));
        Files.writeString(plain.resolve("secret"), "secret");
    }

    @AfterAll
    static void stopTheOther() {
        if (plainFiles != null) {
            plainFiles.close();
        }
    }

    static Stream<RunningServer> both() {
        return Stream.of(server, plainFiles);
    }

    private static String made(RunningServer at, String call, String body, String pointer)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = at.send("POST", API + call, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return dev.perennial.kernel.Json.parse(answer.body()).at(pointer).asText();
    }

    private static String runAt(RunningServer at) throws IOException, InterruptedException {
        return made(at, "runs/create", "{\"experiment_id\":\"0\"}", "/run/info/run_id");
    }

    private static String modelAt(RunningServer at) throws IOException, InterruptedException {
        return made(at, "logged-models", "{\"experiment_id\":\"0\"}", "/model/info/model_id");
    }

    /** Every route that takes a path, with a place for it. */
    private static List<String> routes(RunningServer at) throws IOException, InterruptedException {
        String run = runAt(at);
        String model = modelAt(at);
        return List.of(
                "GET /api/2.0/mlflow-artifacts/artifacts/PATH",
                "GET /ajax-api/2.0/mlflow-artifacts/artifacts/PATH",
                "PUT /api/2.0/mlflow-artifacts/artifacts/PATH",
                "PUT /ajax-api/2.0/mlflow-artifacts/artifacts/0/" + run + "/artifacts/PATH",
                "DELETE /api/2.0/mlflow-artifacts/artifacts/PATH",
                "DELETE /api/2.0/mlflow-artifacts/artifacts/0/" + run + "/artifacts/PATH",
                "GET /api/2.0/mlflow-artifacts/artifacts?path=PATH",
                "GET /api/2.0/mlflow/artifacts/list?run_id=" + run + "&path=PATH",
                "GET /get-artifact?run_id=" + run + "&path=PATH",
                "POST /ajax-api/2.0/mlflow/upload-artifact?run_uuid=" + run + "&path=PATH",
                "GET /api/2.0/mlflow/logged-models/" + model + "/artifacts/directories?artifact_directory_path=PATH",
                "GET /ajax-api/2.0/mlflow/logged-models/" + model + "/artifacts/files?artifact_file_path=PATH");
    }

    private static List<String> joined(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void noRouteTakesAPathThatLeadsElsewhere(RunningServer at) throws IOException, InterruptedException {
        for (String route : routes(at)) {
            boolean start = !route.contains("/artifacts/0/");
            for (String path : start ? joined(CORPUS, CORPUS_AT_START) : CORPUS) {
                assertThat(raw(at, route.replace("PATH", path)))
                        .as(route + " with " + path)
                        .startsWith("HTTP/1.1 400")
                        .containsAnyOf("\"error_code\":\"INVALID_PARAMETER_VALUE\"", "the address is not well formed")
                        .doesNotContain("root:");
            }
        }
        assertThat(plain.resolve("secret")).hasContent("secret");
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void everyRouteReadsAndWritesTheSameFiles(RunningServer at) throws IOException, InterruptedException {
        String run = runAt(at);
        HttpResponse<String> uploaded = at.send(
                "POST",
                "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=" + run + "&path=a%20b/gr%C3%B6%C3%9Fe%2B%25.txt",
                "text",
                "Content-Type",
                "text/plain");
        assertThat(uploaded.statusCode()).as(uploaded.body()).isEqualTo(200);
        assertThat(uploaded.body()).isEqualTo("{}");
        String name = "a%20b/gr%C3%B6%C3%9Fe%2B%25.txt";
        assertThat(at.send("GET", FILES + "0/" + run + "/artifacts/" + name, "").body())
                .isEqualTo("text");
        assertThat(at.send("GET", "/get-artifact?run_uuid=" + run + "&path=" + name, "")
                        .body())
                .isEqualTo("text");
        assertThat(at.send("GET", API + "artifacts/list?path=a%20b&run_id=" + run, "")
                        .body())
                .contains("{\"path\":\"a b/größe+%.txt\",\"is_dir\":false,\"file_size\":4}");
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void theFilesOfALoggedModelAreListedAndSent(RunningServer at) throws IOException, InterruptedException {
        String model = modelAt(at);
        String root = "0/models/" + model + "/artifacts";
        at.send("PUT", FILES + root + "/data/model.pkl", "bytes", "Content-Type", "x/y");
        String files = "/ajax-api/2.0/mlflow/logged-models/" + model + "/artifacts/";
        assertThat(at.send("GET", files + "directories", "").body())
                .isEqualTo("{\"root_uri\":\"mlflow-artifacts:/" + root
                        + "\",\"files\":[{\"path\":\"data\",\"is_dir\":true}]}");
        assertThat(at.send("GET", files + "directories?artifact_directory_path=data", "")
                        .body())
                .contains("{\"path\":\"data/model.pkl\",\"is_dir\":false,\"file_size\":5}");
        assertThat(at.send("GET", files + "files?artifact_file_path=data/model.pkl", "")
                        .body())
                .isEqualTo("bytes");
        refused(404, ABSENT, at.send("GET", files + "files?artifact_file_path=data", ""));
        refused(400, INVALID, at.send("GET", files + "files", ""));
        refused(404, ABSENT, at.send("GET", files.replace(model, "m-none") + "directories", ""));
    }

    @Test
    void anUploadNeedsARunThatIsInUseAPathAndBytesWithinTheBound() throws IOException, InterruptedException {
        String run = runAt(server);
        String upload = "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=" + run;
        refused(400, INVALID, server.send("POST", upload, "x", "Content-Type", "text/plain"));
        refused(400, INVALID, server.send("POST", upload + "&path=f", ""));
        refused(
                400,
                INVALID,
                server.send("POST", upload + "&path=f", "x".repeat((10 << 20) + 1), "Content-Type", "text/plain"));
        server.send("POST", API + "runs/delete", "{\"run_id\":\"" + run + "\"}");
        refused(400, INVALID, server.send("POST", upload + "&path=f", "x", "Content-Type", "text/plain"));
        refused(404, ABSENT, server.send("GET", FILES + "0/" + run + "/artifacts/f", ""));
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void aFileLargerThanTheHeapGoesBothWays(RunningServer at) throws IOException, InterruptedException {
        Path large = plain.resolve("large");
        try (var file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(LARGE_BYTES);
            file.seek(LARGE_BYTES - 3);
            file.write(new byte[] {'e', 'n', 'd'});
        }
        URI place = URI.create(at.url() + FILES + "0/large/artifacts/large");
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpResponse<String> put = client.send(
                    HttpRequest.newBuilder(place)
                            .PUT(HttpRequest.BodyPublishers.ofFile(large))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
            HttpResponse<InputStream> get =
                    client.send(HttpRequest.newBuilder(place).build(), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(get.headers().firstValueAsLong("Content-Length")).hasValue(LARGE_BYTES);
            byte[] end = new byte[3];
            long bytes = 0;
            byte[] buffer = new byte[1 << 16];
            try (InputStream in = get.body()) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    bytes += n;
                    for (int i = Math.max(0, n - 3); i < n; i++) {
                        end = new byte[] {end[1], end[2], buffer[i]};
                    }
                }
            }
            assertThat(bytes).isEqualTo(LARGE_BYTES);
            assertThat(end).isEqualTo(new byte[] {'e', 'n', 'd'});
        }
        at.send("DELETE", FILES + "0/large/artifacts", "");
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void aReaderWhoHasBegunGetsTheOldFileWhole(RunningServer at) throws IOException, InterruptedException {
        String path = FILES + "0/replaced/artifacts/f";
        String old = "o".repeat(8 << 20);
        at.send("PUT", path, old, "Content-Type", "text/plain");
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpResponse<InputStream> reading = client.send(
                    HttpRequest.newBuilder(URI.create(at.url() + path)).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = reading.body()) {
                int first = in.read();
                at.send("PUT", path, "new", "Content-Type", "text/plain");
                assertThat(first).isEqualTo('o');
                assertThat(in.readAllBytes()).hasSize(old.length() - 1).containsOnly('o');
            }
        }
        assertThat(at.send("GET", path, "").body()).isEqualTo("new");
    }

    @Test
    void plainFilesLieWhereUsersOfMlflowLookForThem() throws IOException, InterruptedException {
        plainFiles.send("PUT", FILES + "0/r/artifacts/model/MLmodel", "flavors: {}", "Content-Type", "text/plain");
        assertThat(plain.resolve("mlartifacts/0/r/artifacts/model/MLmodel")).hasContent("flavors: {}");
        Files.writeString(plain.resolve("mlartifacts/0/r/artifacts/model/added.txt"), "by hand");
        JsonNode files = dev.perennial.kernel.Json.parse(plainFiles
                .send("GET", "/api/2.0/mlflow-artifacts/artifacts?path=0/r/artifacts/model", "")
                .body());
        assertThat(files.path("files").toString())
                .isEqualTo("[{\"path\":\"MLmodel\",\"is_dir\":false,\"file_size\":11},"
                        + "{\"path\":\"added.txt\",\"is_dir\":false,\"file_size\":7}]");
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "", "0", "0/", "%2e"})
    void whatHoldsExperimentsIsNeverDeleted(String path) throws IOException, InterruptedException {
        plainFiles.send("PUT", FILES + "0/kept/artifacts/f", "kept", "Content-Type", "text/plain");
        refused(400, INVALID, plainFiles.send("DELETE", FILES + path, ""));
        assertThat(plainFiles.send("GET", FILES + "0/kept/artifacts/f", "").body())
                .isEqualTo("kept");
    }

    @Test
    void tenThousandFilesAreListedAtOnce() throws IOException, InterruptedException {
        Path many = Files.createDirectories(plain.resolve("mlartifacts/0/many/artifacts"));
        for (int i = 0; i < 10_000; i++) {
            Files.createFile(many.resolve("f" + i));
        }
        JsonNode files = dev.perennial.kernel.Json.parse(plainFiles
                .send("GET", "/api/2.0/mlflow-artifacts/artifacts?path=0/many/artifacts", "")
                .body());
        assertThat(files.path("files")).hasSize(10_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"//get-artifact", "/no/such/file.txt", "/assets/gone.js"})
    void whatIsNowhereIsToldToProgramsInJson(String path) throws IOException {
        String answer = raw("GET " + path);
        assertThat(answer).startsWith("HTTP/1.1 404 ").contains("application/json");
        assertThat(Json.parse(answer.substring(answer.indexOf("\r\n\r\n") + 4))
                        .at("/error/message")
                        .asText())
                .isEqualTo("nothing is at '" + path + "'");
    }
}
