package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.server.mlflow.RunningServer;
import dev.perennial.testkit.TemporaryPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is sent to MLflow's routes: never a 5xx, an answer each time, and as much memory afterwards as before. */
@ExtendWith(Distribution.class)
class MlflowFuzzIT {
    private static final long SEED = 20_261_122;
    private static final int WARM_UP = 200;
    private static final int REQUESTS = 1_200;
    private static final int REQUESTS_LONG = 20_000;
    private static final int RENEWED_EVERY = 25;
    private static final int SHOWN_MAX = 400;

    /** What the heap may have gained; caches of statements and names fill up while it runs. */
    private static final long GAINED_KB_MAX = 24 << 10;

    private static final Pattern ROUTE = Pattern.compile("\\| ([A-Z]+) \\| `(/api/[23]\\.0/mlflow[^`]*)` .*");
    private static final Pattern USED = Pattern.compile("(?:DefNew|Tenured)\\s+total \\d+K, used (\\d+)K");

    @TempDir
    Path folder;

    private final List<String> wrong = new ArrayList<>();
    private Web web = new Web(0);
    private int done;

    @Test
    void nothingThatIsSentIsAServerError() throws IOException, InterruptedException {
        try (RunningServer server = RunningServer.start(folder, List.of())) {
            flat(server, SEED, REQUESTS);
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    @Tag("long")
    void nothingThatIsSentForLongIsAServerErrorOnEitherDatabase() throws IOException, InterruptedException {
        try (RunningServer server = RunningServer.start(folder, List.of())) {
            flat(server, SEED + 1, REQUESTS_LONG);
        }
        List<String> postgres = List.of(
                "perennial.database-url=" + TemporaryPostgres.freshDatabase(),
                "perennial.database-user=" + TemporaryPostgres.USER,
                "perennial.shared-dir=" + folder.resolve("shared"));
        try (RunningServer server = RunningServer.start(Files.createDirectories(folder.resolve("pg")), postgres)) {
            flat(server, SEED + 2, REQUESTS_LONG);
        }
        assertThat(wrong).isEmpty();
    }

    private void flat(RunningServer server, long seed, int requests) throws IOException, InterruptedException {
        web = new Web(URI.create(server.url()).getPort());
        fire(seed, WARM_UP);
        long before = liveHeapKb(server);
        done = 0;
        fire(seed + 1_000, requests);
        assertThat(done)
                .as("requests that came through to the end of their route")
                .isGreaterThan(requests / 10);
        assertThat(liveHeapKb(server)).as("kB of the heap in use").isLessThan(before + GAINED_KB_MAX);
    }

    private void fire(long seed, int requests) throws IOException {
        List<MlflowFuzz.Target> targets = targets();
        ObjectNode good = good();
        MlflowFuzz fuzz = new MlflowFuzz(seed, targets, good);
        for (int i = 0; i < requests; i++) {
            if (i % RENEWED_EVERY == 0) {
                renew(good);
            }
            MlflowFuzz.Request request = fuzz.next();
            String problem = problem(request);
            if (!problem.isEmpty()) {
                wrong.add("seed " + seed + " request " + i + " " + request.target() + " -> " + problem + "; sent "
                        + shown(request.path() + " " + request.headers() + " "
                                + new String(request.body(), StandardCharsets.UTF_8)));
            }
        }
    }

    private String problem(MlflowFuzz.Request request) {
        Web.Answer answer;
        try {
            if (request.cut()) {
                web.cut(request.target().method(), request.path(), request.headers(), request.body());
                return "";
            }
            answer = web.send(request.target().method(), request.path(), request.headers(), request.body());
        } catch (IOException e) {
            return "no answer: " + e;
        }
        done += answer.status() == 200 ? 1 : 0;
        if (answer.status() >= 500) {
            return answer.status() + " " + shown(answer.body());
        }
        if (answer.status() < 400
                || answer.status() == 416
                || request.target().method().equals("HEAD")) {
            return "";
        }
        if (answer.status() == 400 && answer.body().isEmpty() && request.path().contains("%zz")) {
            return ""; // no percent-encoding at all: refused before anything can say why
        }
        try {
            JsonNode error = answer.json();
            String reason =
                    error.path("message").asText() + error.at("/error/message").asText();
            return error.isObject() && !reason.isBlank() ? "" : "an error without a reason: " + shown(answer.body());
        } catch (PerennialException e) {
            return answer.status() + " is no JSON: " + shown(answer.body());
        }
    }

    private static String shown(String text) {
        return text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "..." : text;
    }

    /** The routes of the table of rights, which another test compares with the server, and those that it does not tell of. */
    private static List<MlflowFuzz.Target> targets() throws IOException {
        List<MlflowFuzz.Target> targets = new ArrayList<>();
        for (String line : Files.readAllLines(Distribution.file("docs/access.md"))) {
            Matcher route = ROUTE.matcher(line);
            if (route.matches()) {
                targets.add(new MlflowFuzz.Target(route.group(1), route.group(2)));
            }
        }
        assertThat(targets).hasSizeGreaterThan(90);
        targets.add(new MlflowFuzz.Target("GET", "/api/2.0/mlflow-artifacts/artifacts"));
        targets.add(new MlflowFuzz.Target("GET", "/get-artifact"));
        targets.add(new MlflowFuzz.Target("GET", "/model-versions/get-artifact"));
        targets.add(new MlflowFuzz.Target("GET", "/api/3.0/mlflow/server-info"));
        targets.add(new MlflowFuzz.Target("POST", "/api/2.0/mlflow/no-such-route/{path}"));
        return targets;
    }

    /** Every field of every route, with a value that fits. */
    private ObjectNode good() throws IOException {
        String experiment = "{\"experiment_id\":\"0\"}";
        web.post("/api/2.0/mlflow/experiments/restore", experiment);
        String run = web.post("/api/2.0/mlflow/runs/create", experiment)
                .json()
                .at("/run/info/run_id")
                .asText();
        String model = web.post("/api/2.0/mlflow/logged-models", experiment)
                .json()
                .at("/model/info/model_id")
                .asText();
        assertThat(run).isNotEmpty();
        assertThat(model).isNotEmpty();
        return (ObjectNode) Json.parse(Files.readString(
                        Distribution.file("server/src/test/resources/mlflow-fields.json"), StandardCharsets.UTF_8)
                .replace("RUN_ID", run)
                .replace("MODEL_ID", model));
    }

    /** Brings back what requests may have deleted. */
    private void renew(ObjectNode good) throws IOException {
        for (String call : List.of(
                "experiments/restore",
                "runs/restore",
                "registered-models/create",
                "model-versions/create",
                "registered-models/alias")) {
            web.post("/api/2.0/mlflow/" + call, good);
        }
    }

    /** What is reachable, after a collection. */
    private static long liveHeapKb(RunningServer server) throws IOException, InterruptedException {
        jcmd(server, "GC.run");
        Matcher used = USED.matcher(jcmd(server, "GC.heap_info"));
        long sum = 0;
        while (used.find()) {
            sum += Long.parseLong(used.group(1));
        }
        assertThat(sum).isPositive();
        return sum;
    }

    private static String jcmd(RunningServer server, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(server.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
