package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.access.AccessConfig;
import dev.perennial.scorer.access.Right;
import dev.perennial.scorer.access.SomeToken;
import dev.perennial.scorer.config.ServerLink;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scorers away from their server: model files over HTTP, TLS on both sides, several of them, and what is refused. */
class StandaloneScorerIT {
    private static final int PIECE = 4 << 20;
    private static final SomeToken ANN = new SomeToken("annannannann", "ann");

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private PublicServer server(@Nullable SSLContext tls) throws IOException {
        PublicServer server = new PublicServer(tls);
        open.add(server);
        return server;
    }

    private ScorerProcess scorer(String id, String url, String... flags) throws IOException {
        Path own = folder.resolve(id);
        Files.createDirectories(own);
        List<String> all = new ArrayList<>(List.of("--server", url, "--id", id, "--standalone", "yes"));
        all.addAll(List.of(
                "--spool",
                own.resolve("spool").toString(),
                "--blobs",
                own.resolve("blobs").toString()));
        all.addAll(List.of(flags));
        ScorerProcess scorer = ScorerProcess.start(
                ScorerSettings.parse(all.toArray(new String[0])), InstantSource.system(), new SplittableRandom(1));
        open.add(scorer);
        return scorer;
    }

    private static String plain(PublicServer server) {
        return "http://127.0.0.1:" + server.port();
    }

    /** A model that is kept at the server, and nowhere else; its configuration with this revision. */
    private String tree(PublicServer server, long revision, long flush) throws IOException {
        Path there = folder.resolve("server");
        String files = new Models(there).model(0.25, "x", "c");
        upload(server, there);
        return Models.config(revision, flush, "null", Models.variant("m/1", "champion", 10_000, files));
    }

    private static void upload(PublicServer server, Path there) throws IOException {
        try (Stream<Path> all = Files.walk(there)) {
            for (Path blob : all.filter(Files::isRegularFile).toList()) {
                server.blob(blob.getParent().getFileName() + blob.getFileName().toString(), Files.readAllBytes(blob));
            }
        }
    }

    /** A model that is kept at the server: its manifest, and a file that has so many bytes. */
    private record Kept(String manifest, byte[] file) {
        String hex() {
            return Digest.of(file).hex();
        }

        String config(long revision, String digest) {
            String files =
                    Json.object().put("manifest", manifest).put("file", digest).toString();
            return Models.config(revision, 0, "null", Models.variant("m/1", "champion", 10_000, files));
        }

        String config() {
            return config(1, hex());
        }

        /** Where a scorer keeps the file. */
        Path in(Path scorer) {
            return scorer.resolve("blobs").resolve(hex().substring(0, 2)).resolve(hex().substring(2));
        }
    }

    private Kept kept(PublicServer server, int bytes) throws IOException {
        Path there = folder.resolve("server");
        JsonNode files = Json.parse(new Models(there).model(0.25, "x", "c"));
        upload(server, there);
        String hex = files.get("file").asText();
        byte[] file = Files.readAllBytes(there.resolve(hex.substring(0, 2)).resolve(hex.substring(2)));
        byte[] padded = Arrays.copyOf(file, bytes);
        Arrays.fill(padded, file.length, bytes, (byte) ' ');
        Kept kept = new Kept(files.get("manifest").asText(), padded);
        server.blob(kept.hex(), padded);
        return kept;
    }

    private Caller caller(ScorerProcess scorer) {
        Caller caller = new Caller(scorer.url());
        open.add(caller);
        return caller;
    }

    @Test
    void modelsComeOverHttpAndPredictionsGoBack() throws Exception {
        PublicServer server = server(null);
        server.configure(1, tree(server, 1, 0));
        ScorerProcess scorer = scorer("edge-1", plain(server));
        server.awaitApplied("edge-1", 1);
        assertThat(caller(scorer).predict("a", "b")).hasSize(2);
        server.configure(2, tree(server, 2, 1));
        server.await("segments", () -> server.records().getOrDefault("edge-1", 0) == 2);
    }

    @Test
    void severalScorersServeTheSameAndWhatTheyDeliverCountsOnce() throws Exception {
        PublicServer server = server(null);
        server.configure(1, tree(server, 1, 0));
        Caller one = caller(scorer("edge-1", plain(server)));
        Caller two = caller(scorer("edge-2", plain(server)));
        server.awaitApplied("edge-1", 1);
        server.awaitApplied("edge-2", 1);
        for (int i = 0; i < 20; i++) {
            assertThat((i % 2 == 0 ? one : two).predict("id" + i)).hasSize(1);
        }
        server.configure(2, tree(server, 2, 1));
        server.await("segments", () -> server.records().equals(Map.of("edge-1", 10, "edge-2", 10)));
    }

    @ParameterizedTest
    @CsvSource({"1000", "4194303", "4194304", "4194305", "9000000"})
    void filesOfEverySizeArriveWhole(int size) throws Exception {
        PublicServer server = server(null);
        Kept model = kept(server, size);
        server.configure(1, model.config());
        scorer("edge-1", plain(server));
        server.awaitApplied("edge-1", 1);
        assertThat(Files.readAllBytes(model.in(folder.resolve("edge-1")))).isEqualTo(model.file());
    }

    @Test
    void aFetchThatBrokeGoesOnWhereItEnded() throws Exception {
        PublicServer server = server(null);
        Kept model = kept(server, 2 * PIECE + 5);
        String hex = model.hex();
        Path whole = model.in(folder.resolve("edge-1"));
        Path part = whole.resolveSibling(whole.getFileName() + ".part");
        Files.createDirectories(part.getParent());
        Files.write(part, Arrays.copyOf(model.file(), PIECE + 3));
        server.configure(1, model.config());
        server.breakPieces(2);
        scorer("edge-1", plain(server));
        server.awaitApplied("edge-1", 1);
        assertThat(server.pieces()).contains(hex + " from " + (PIECE + 3)).doesNotContain(hex + " from 0");
        assertThat(part).doesNotExist();
    }

    @Test
    void whatDoesNotHaveItsDigestIsThrownAwayAndFetchedAgain() throws Exception {
        PublicServer server = server(null);
        Kept model = kept(server, 1_000);
        String hex = model.hex();
        server.blob(hex, Arrays.copyOf(model.file(), 999));
        server.configure(1, model.config());
        ScorerProcess scorer = scorer("edge-1", plain(server));
        server.await(
                "two fetches",
                () -> server.pieces().stream().filter((hex + " from 0")::equals).count() > 1);
        assertThat(caller(scorer).get("/v2/health/ready").status()).isEqualTo(503);
        server.blob(hex, model.file());
        server.awaitApplied("edge-1", 1);
        assertThat(caller(scorer).get("/v2/health/ready").status()).isEqualTo(200);
    }

    @Test
    void aKeptFileThatWasDamagedIsFetchedAgain() throws Exception {
        PublicServer server = server(null);
        Kept model = kept(server, 1_000);
        Path kept = model.in(folder.resolve("edge-1"));
        Files.createDirectories(kept.getParent());
        Files.write(kept, new byte[] {1, 2, 3});
        server.configure(1, model.config());
        scorer("edge-1", plain(server));
        server.awaitApplied("edge-1", 1);
        assertThat(Files.readAllBytes(kept)).isEqualTo(model.file());
    }

    @Test
    void aFileThatTheServerDoesNotGiveLeavesTheScorerUnready() throws Exception {
        PublicServer server = server(null);
        Kept model = kept(server, 1_000);
        server.configure(1, model.config(1, Digest.of("another's").hex()));
        Caller caller = caller(scorer("edge-1", plain(server)));
        server.await(
                "a question",
                () -> server.pieces().stream()
                        .anyMatch(
                                piece -> piece.startsWith(Digest.of("another's").hex())));
        server.configure(2, model.config(2, model.hex()));
        server.awaitApplied("edge-1", 2);
        assertThat(caller.get("/v2/health/ready").status()).isEqualTo(200);
    }

    @Test
    void aScorerWhoseTokenEndedServesOnAndSaysThatItsServerIsAway() throws Exception {
        PublicServer server = server(null);
        server.configure(1, tree(server, 1, 0));
        Caller caller = caller(scorer("edge-1", plain(server)));
        server.awaitApplied("edge-1", 1);
        server.taking(false);
        server.await("the scorer knows", () -> away(caller));
        assertThat(caller.predict("a")).hasSize(1);
        assertThat(caller.get("/metrics").text()).contains("perennial_scorer_server_silent_seconds");
        server.taking(true);
        server.await("the scorer knows", () -> !away(caller));
    }

    private static boolean away(Caller caller) {
        try {
            return caller.get("/healthz").text().contains("\"server\":\"away\"");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path token() throws IOException {
        return Files.writeString(folder.resolve("token"), PublicServer.TOKEN + "\n");
    }

    @Test
    void bothSidesSpeakTls() throws Exception {
        Certificates certificates = Certificates.in(folder.resolve("tls"), "-1H");
        PublicServer server = server(certificates.serving());
        String access = Json.write(new AccessConfig(true, List.of(ANN.config(Long.MAX_VALUE, Map.of("m", Right.USE)))));
        String config = tree(server, 1, 0).strip();
        server.configure(1, config.substring(0, config.length() - 1) + ",\"access\":" + access + "}");
        ScorerProcess scorer = scorer(
                "edge-1",
                "https://127.0.0.1:" + server.port(),
                "--server-ca",
                certificates.certificate().toString(),
                "--token-file",
                token().toString(),
                "--host",
                "0.0.0.0",
                "--tls-cert",
                certificates.certificate().toString(),
                "--tls-key",
                certificates.key().toString());
        server.awaitApplied("edge-1", 1);
        for (HttpClient.Version version : HttpClient.Version.values()) {
            try (HttpClient client = HttpClient.newBuilder()
                    .sslContext(certificates.trusting())
                    .version(version)
                    .build()) {
                HttpResponse<String> answer =
                        client.send(predict(scorer, ANN.bearer()), HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                assertThat(answer.version()).isEqualTo(version);
                assertThat(client.send(predict(scorer, "Bearer x"), HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(401);
                HttpRequest metrics = HttpRequest.newBuilder(
                                URI.create("https://127.0.0.1:" + scorer.port() + "/metrics"))
                        .build();
                assertThat(client.send(metrics, HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(401);
            }
        }
        assertThat(scorer.url()).startsWith("https://").endsWith(":" + scorer.port());
    }

    private static HttpRequest predict(ScorerProcess scorer, String authorization) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + scorer.port() + "/endpoints/m/predict"))
                .header("Authorization", authorization)
                .POST(HttpRequest.BodyPublishers.ofString(Caller.records("a")))
                .build();
    }

    @ParameterizedTest
    @CsvSource({"-1H, true, true", "-3d, true, false", "-1H, false, false"})
    void aServerWhoseCertificateIsExpiredOrOfAStrangerIsNoServer(String start, boolean trusted, boolean spoken)
            throws Exception {
        Certificates shown = Certificates.in(folder.resolve("shown"), start);
        Certificates known = trusted ? shown : Certificates.in(folder.resolve("known"), "-1H");
        PublicServer server = server(shown.serving());
        server.configure(1, tree(server, 1, 0));
        ScorerSettings settings = ScorerSettings.parse(
                "--server", "https://127.0.0.1:" + server.port(),
                "--server-ca", known.certificate().toString(),
                "--token-file", token().toString(),
                "--standalone", "yes",
                "--id", "edge-1",
                "--spool", folder.resolve("s").toString(),
                "--blobs", folder.resolve("b").toString());
        Vertx vertx = Vertx.vertx();
        open.add(() -> vertx.close().toCompletionStage().toCompletableFuture().join());
        try (ServerLink link = ServerLink.of(vertx, settings)) {
            ThrowingCallable ask = () -> link.call(
                    HttpMethod.GET, "/config?revision=-1", Map.of("X-Perennial-Applied", "-1"), new byte[0], 30_000);
            if (spoken) {
                assertThatCode(ask).doesNotThrowAnyException();
            } else {
                assertThatThrownBy(ask).isInstanceOf(IOException.class).hasMessageContaining("failed");
            }
            assertThat(server.asked()).isEqualTo(spoken);
        }
    }

    @Test
    void aScorerThatOthersReachAnswersNobodyWhileItsServerAsksNobody() throws Exception {
        Certificates certificates = Certificates.in(folder.resolve("tls"), "-1H");
        PublicServer server = server(null);
        server.configure(1, tree(server, 1, 0));
        ScorerProcess scorer = scorer(
                "edge-1",
                plain(server),
                "--host",
                "0.0.0.0",
                "--tls-cert",
                certificates.certificate().toString(),
                "--tls-key",
                certificates.key().toString());
        server.awaitApplied("edge-1", 1);
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(certificates.trusting()).build()) {
            HttpResponse<String> answer =
                    client.send(predict(scorer, ANN.bearer()), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("the server needs --auth");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--server http://192.0.2.1:7300 --token-file /dev/null | would be asked without TLS: use https, with --server-ca",
                "--server http://127.0.0.1:7300 --host 0.0.0.0 | is beyond this machine and needs TLS: give --tls-cert and --tls-key",
                "--server https://192.0.2.1:7443 | flag --token-file is missing; 'perennial tokens create --scorer NAME' makes",
                "--server http://127.0.0.1:7300 --tls-cert /dev/null | --tls-cert and --tls-key go together; give both PEM files",
                "--server http://127.0.0.1:7300 --server-ca /no/such.pem | the PEM file /no/such.pem of --server-ca is not there",
                "--server ftp://127.0.0.1:7300 | must look like http://127.0.0.1:7300",
                "--server http://127.0.0.1:7300 --standalone maybe | --standalone 'maybe' must be yes or no",
            })
    void whatWouldShowSomethingToOthersIsRefusedAtStart(String flags, String why) {
        List<String> all = new ArrayList<>(List.of(flags.split(" ")));
        all.addAll(List.of("--id", "e", "--spool", "s", "--blobs", "b"));
        if (!flags.contains("--standalone")) {
            all.addAll(List.of("--standalone", "yes"));
        }
        assertThatThrownBy(() -> ScorerSettings.parse(all.toArray(new String[0])))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(why);
    }
}
