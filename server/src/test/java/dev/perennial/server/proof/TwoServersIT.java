package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.testkit.TemporaryPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two servers on one PostgreSQL, with a folder that they share: same answers, one leader, and the other takes over. */
@ExtendWith(Distribution.class)
class TwoServersIT {
    private static final int EXPERIMENTS_EACH = 25;
    private static final int CLIENTS = 4;

    @TempDir
    private Path folder;

    private String[] flags() {
        return new String[] {
            "-Dperennial.database-url=" + database,
            "-Dperennial.database-user=" + TemporaryPostgres.USER,
            "-Dperennial.shared-dir=" + folder.resolve("shared")
        };
    }

    private String database = "";

    private static boolean leads(Installation server) {
        return server.web()
                .tryGet("/api/status")
                .filter(status -> status.path("leads").asBoolean())
                .isPresent();
    }

    @Test
    void bothAnswerAlikeOneLeadsAndTheOtherTakesOver() throws Exception {
        database = TemporaryPostgres.freshDatabase();
        try (Installation first = Installation.start(Files.createDirectories(folder.resolve("first")), flags());
                Installation second = Installation.start(Files.createDirectories(folder.resolve("second")), flags())) {
            assertThat(leads(first)).isTrue();
            assertThat(leads(second)).isFalse();

            List<Long> numbers = createOnBoth(first, second);
            assertThat(numbers.stream().sorted().toList())
                    .as("experiments are numbered without holes, whichever server made them")
                    .isEqualTo(IntStream.rangeClosed(1, 2 * EXPERIMENTS_EACH)
                            .mapToObj(Long::valueOf)
                            .toList());
            List<WritingClients.Written> written = logOn(first, second);
            for (Installation server : List.of(first, second)) {
                try (WritingClients reader = WritingClients.reader(server.port())) {
                    reader.check(written);
                }
            }
            assertThat(written).anyMatch(one -> one.kind() == WritingClients.Written.Kind.VERSION);
            theSameReadsGetTheSameAnswers(first, second, written);
            Web.Answer refused = second.web().post("/api/lifecycle/apply", "{\"text\":\"x\",\"path\":\"/x\"}");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.body()).contains("ask the leader at http://127.0.0.1:" + first.port());

            first.killServer();
            Until.isTrue("the second leads", Duration.ofSeconds(60), () -> leads(second));
            first.startServer(flags());
            assertThat(leads(first)).isFalse();
            assertThat(first.web().get("/api/ledger").json().path("entries"))
                    .isEqualTo(second.web().get("/api/ledger").json().path("entries"));
        }
    }

    private static void theSameReadsGetTheSameAnswers(
            Installation first, Installation second, List<WritingClients.Written> written) throws IOException {
        String run = written.stream()
                .filter(one -> one.kind() == WritingClients.Written.Kind.FILE)
                .findFirst()
                .orElseThrow()
                .run();
        for (String read : List.of(
                "mlflow/runs/get?run_id=" + run,
                "mlflow/metrics/get-history?metric_key=loss&run_id=" + run,
                "mlflow/artifacts/list?run_id=" + run,
                "mlflow-artifacts/artifacts/0/" + run + "/artifacts/f0.txt",
                "mlflow/experiments/search?max_results=1000",
                "mlflow/registered-models/search?max_results=1000",
                "mlflow/registered-models/get?name=shared-0",
                "mlflow/model-versions/search?max_results=1000",
                "mlflow/model-versions/get?name=shared-1&version=1",
                "mlflow/registered-models/get?name=nothing")) {
            Web.Answer one = first.web().get("/api/2.0/" + read);
            Web.Answer other = second.web().get("/api/2.0/" + read);
            assertThat(other.status()).as(read).isEqualTo(one.status());
            assertThat(other.body()).as(read).isEqualTo(one.body());
        }
        String search = "{\"experiment_ids\":[\"0\"],\"max_results\":1000,\"order_by\":[\"metrics.loss DESC\"]}";
        assertThat(second.web().post("/api/2.0/mlflow/runs/search", search).body())
                .isEqualTo(
                        first.web().post("/api/2.0/mlflow/runs/search", search).body());
    }

    private static List<Long> createOnBoth(Installation... servers) throws InterruptedException {
        ConcurrentLinkedQueue<Long> numbers = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();
        List<Thread> threads = List.of(servers).stream()
                .map(server -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < EXPERIMENTS_EACH; i++) {
                        try {
                            JsonNode made = server.web()
                                    .post(
                                            "/api/2.0/mlflow/experiments/create",
                                            Json.object().put("name", server.port() + "-" + i))
                                    .json();
                            numbers.add(made.path("experiment_id").asLong());
                        } catch (IOException e) {
                            problems.add(e.toString());
                        }
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(problems).isEmpty();
        return List.copyOf(numbers);
    }

    private static List<WritingClients.Written> logOn(Installation first, Installation second) {
        try (WritingClients one = WritingClients.start(first.port(), CLIENTS);
                WritingClients two = WritingClients.start(second.port(), CLIENTS)) {
            one.awaitAcknowledged(60);
            two.awaitAcknowledged(60);
            one.stop();
            two.stop();
            assertThat(one.refused() + two.refused()).isZero();
            return java.util.stream.Stream.concat(one.acknowledged().stream(), two.acknowledged().stream())
                    .toList();
        }
    }
}
