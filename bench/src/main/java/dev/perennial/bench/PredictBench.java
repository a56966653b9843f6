package dev.perennial.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Executors;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * What a prediction of one row with 21 features costs over HTTP with the log on, beside a bare echo of the same request by the same
 * transport in the same run. Needs the built distribution and wrk. Arguments: seconds a round (6), rounds (3).
 */
public final class PredictBench {
    private static final int BODIES = 500;
    private static final int SECONDS = 6;
    private static final int BRIEF_SECONDS = 3;
    private static final int ROUNDS = 3;
    private static final double RATIO_MAX = 4;
    private static final double MICROS_MAX = 35;
    private static final int WARM_UPS = 4;

    private PredictBench() {}

    public static void main(String[] arguments) throws IOException, InterruptedException, XGBoostError {
        boolean brief = arguments.length > 0 && arguments[0].equals("--short");
        int seconds = brief ? BRIEF_SECONDS : arguments.length > 0 ? Integer.parseInt(arguments[0]) : SECONDS;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : ROUNDS;
        Path folder = Files.createTempDirectory("predict-bench");
        String jars = Path.of("target/dist/scorer").toAbsolutePath() + "/*";
        String config;
        try (BenchModel model = new BenchModel(1)) {
            config = config(blob(folder, model.manifest().toJson()), blob(folder, model.file()));
            Files.writeString(folder.resolve("post.lua"), script(model));
        }
        Files.writeString(folder.resolve("token"), "bench");
        HttpServer control = control(config);
        int scorerPort = freePort();
        int echoPort = freePort();
        String[] scorerCommand = scorer(folder, control.getAddress().getPort(), scorerPort);
        String bench = Path.of("bench/target/classes").toAbsolutePath().toString();
        try (MeasuredServer scorer = new MeasuredServer(folder.resolve("scorer.log"), scorerPort, jars, scorerCommand);
                MeasuredServer echo = new MeasuredServer(
                        folder.resolve("echo.log"),
                        echoPort,
                        bench + ":" + jars,
                        EchoServer.class.getName(),
                        Integer.toString(echoPort))) {
            Thread.sleep(1000);
            double started = scorer.cpuSeconds();
            long idle = scorer.residentMebibytes();
            measure(scorer, echo, folder.resolve("post.lua"), seconds, rounds, started, idle);
        } finally {
            control.stop(0);
        }
    }

    private static void measure(
            MeasuredServer scorer, MeasuredServer echo, Path script, int seconds, int rounds, double started, long idle)
            throws IOException, InterruptedException {
        String path = "/endpoints/flight-delay/predict";
        for (int i = 0; i < WARM_UPS; i++) { // the JVM compiles while it warms up, which is CPU too
            echo.load(script, path, seconds);
            scorer.load(script, path, seconds);
        }
        MeasuredServer.Load bestEcho = echo.load(script, path, seconds);
        MeasuredServer.Load best = scorer.load(script, path, seconds);
        for (int round = 1; round < rounds; round++) {
            MeasuredServer.Load e = echo.load(script, path, seconds);
            MeasuredServer.Load s = scorer.load(script, path, seconds);
            bestEcho = e.microsARequest() < bestEcho.microsARequest() ? e : bestEcho;
            best = s.microsARequest() < best.microsARequest() ? s : best;
        }
        Table table = new Table(
                "one-row predict, 21 features, log on",
                "CPU us a request",
                "requests a second",
                "p50",
                "p99",
                "MiB resident");
        row(table, "bare echo of the same request", bestEcho, echo.residentMebibytes());
        row(table, "scorer", best, scorer.residentMebibytes());
        table.row(
                "ratio",
                String.format(Locale.ROOT, "%.2f", best.microsARequest() / bestEcho.microsARequest()),
                "",
                "",
                "",
                "");
        table.row(
                "scorer, start until idle",
                String.format(Locale.ROOT, "%.2f s CPU", started),
                "",
                "",
                "",
                Long.toString(idle));
        table.print();
        double ours = best.microsARequest();
        double bare = bestEcho.microsARequest();
        Figure.of(
                        "one-row predict over HTTP, log on (p50 " + best.p50() + ", p99 " + best.p99() + ")",
                        "us of CPU",
                        ours,
                        "bare echo",
                        bare,
                        "<= 4x and <= 35 us",
                        ours <= RATIO_MAX * bare && ours <= MICROS_MAX)
                .tell();
    }

    private static void row(Table table, String name, MeasuredServer.Load load, long resident) {
        table.row(
                name,
                String.format(Locale.ROOT, "%.1f", load.microsARequest()),
                String.format(Locale.ROOT, "%.0f", load.requestsASecond()),
                load.p50(),
                load.p99(),
                Long.toString(resident));
    }

    /** Main class and arguments of a scorer that is configured by {@link #control}. */
    static String[] scorer(Path folder, int controlPort, int port) {
        return new String[] {
            "dev.perennial.scorer.ScorerMain",
            "--server",
            "http://127.0.0.1:" + controlPort,
            "--id",
            "bench",
            "--port",
            Integer.toString(port),
            "--spool",
            folder.resolve("spool").toString(),
            "--blobs",
            folder.resolve("blobs").toString(),
            "--token-file",
            folder.resolve("token").toString()
        };
    }

    /** Plays the server: one configuration, and it takes every segment. */
    static HttpServer control(String config) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/internal/scorers/bench/", exchange -> {
            try (exchange) {
                answer(exchange, config);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        http.start();
        return http;
    }

    private static void answer(HttpExchange exchange, String config) throws IOException, InterruptedException {
        exchange.getRequestBody().readAllBytes();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        if (query.contains("revision=1&")) {
            Thread.sleep(5_000);
            exchange.sendResponseHeaders(204, -1);
        } else if (query.contains("revision=")) {
            byte[] bytes = config.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        } else {
            exchange.sendResponseHeaders(200, -1);
        }
    }

    static String config(String manifest, String file) {
        return """
            {"revision":1,"flush":0,"endpoints":[{"name":"flight-delay","key":["flight_id"],"salt":"s","clock":null,"fuse":null,
             "variants":[{"version":"flight-delay/1","role":"champion","weight":10000,"model":{"manifest":"%s","file":"%s"}}]}]}
            """.formatted(manifest, file);
    }

    private static String script(BenchModel model) {
        StringBuilder lua = new StringBuilder("wrk.method = \"POST\"\nlocal bodies = {\n");
        for (int r = 0; r < BODIES; r++) {
            lua.append("[[").append(model.request(r)).append("]],\n");
        }
        return lua.append("}\nlocal n = 0\nfunction request()\n n = n % ")
                .append(BODIES)
                .append(" + 1\n return wrk.format(nil, nil, nil, bodies[n])\nend\n")
                .toString();
    }

    static String blob(Path folder, byte[] bytes) throws IOException {
        String hex = Digest.of(bytes).hex();
        Path file = folder.resolve("blobs").resolve(hex.substring(0, 2)).resolve(hex.substring(2));
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        return hex;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
