package dev.perennial.bench;

import com.sun.net.httpserver.HttpServer;
import dev.perennial.scoring.Row;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * What a prediction of one row with 21 features costs over gRPC with the log on, beside a bare echo of the same message by the library
 * for gRPC on Vert.x in the same run. Needs the built distribution. Arguments: seconds a round (6), rounds (3).
 */
public final class GrpcBench {
    private static final String METHOD = "/inference.GRPCInferenceService/ModelInfer";
    private static final int MESSAGES = 500;
    private static final int SECONDS = 6;
    private static final int BRIEF_SECONDS = 3;
    private static final int ROUNDS = 3;
    private static final int WARM_UPS = 4;
    private static final double RATIO_MAX = 1.7;

    private GrpcBench() {}

    public static void main(String[] arguments) throws IOException, InterruptedException, XGBoostError {
        boolean brief = arguments.length > 0 && arguments[0].equals("--short");
        int seconds = brief ? BRIEF_SECONDS : arguments.length > 0 ? Integer.parseInt(arguments[0]) : SECONDS;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : ROUNDS;
        Path folder = Files.createTempDirectory("grpc-bench");
        String jars = Path.of("target/dist/scorer").toAbsolutePath() + "/*";
        String config;
        List<Buffer> frames;
        try (BenchModel model = new BenchModel(1)) {
            config = PredictBench.config(
                    PredictBench.blob(folder, model.manifest().toJson()), PredictBench.blob(folder, model.file()));
            frames = frames(model);
        }
        Files.writeString(folder.resolve("token"), "bench");
        HttpServer control = PredictBench.control(config);
        int scorerPort = PredictBench.freePort();
        int echoPort = PredictBench.freePort();
        String[] scorerCommand =
                PredictBench.scorer(folder, control.getAddress().getPort(), scorerPort);
        try (MeasuredServer scorer = new MeasuredServer(folder.resolve("scorer.log"), scorerPort, jars, scorerCommand);
                MeasuredServer echo = new MeasuredServer(
                        folder.resolve("echo.log"),
                        echoPort,
                        System.getProperty("java.class.path"),
                        GrpcEchoServer.class.getName(),
                        Integer.toString(echoPort));
                GrpcLoad toScorer = new GrpcLoad(scorerPort, METHOD, frames);
                GrpcLoad toEcho = new GrpcLoad(echoPort, METHOD, frames)) {
            Thread.sleep(1000);
            for (int i = 0; i < WARM_UPS; i++) { // the JVM compiles while it warms up, which is CPU too
                micros(echo, toEcho, seconds);
                micros(scorer, toScorer, seconds);
            }
            double bare = Double.MAX_VALUE;
            double ours = Double.MAX_VALUE;
            for (int i = 0; i < rounds; i++) {
                bare = Math.min(bare, micros(echo, toEcho, seconds));
                ours = Math.min(ours, micros(scorer, toScorer, seconds));
            }
            print(ours, bare);
        } finally {
            control.stop(0);
        }
    }

    private static double micros(MeasuredServer server, GrpcLoad load, int seconds)
            throws IOException, InterruptedException {
        double before = server.cpuSeconds();
        long calls = load.run(seconds);
        return (server.cpuSeconds() - before) / calls * 1e6;
    }

    private static void print(double ours, double bare) {
        Table table = new Table("one-row predict over gRPC, 21 features, log on", "CPU us a call");
        table.row("bare echo of the same message, vertx-grpc", String.format(Locale.ROOT, "%.1f", bare));
        table.row("scorer", String.format(Locale.ROOT, "%.1f", ours));
        table.row("ratio", String.format(Locale.ROOT, "%.2f", ours / bare));
        table.print();
        Figure.of(
                        "one-row predict over gRPC, log on",
                        "us of CPU",
                        ours,
                        "bare vertx-grpc echo",
                        bare,
                        "<= 1.7x",
                        ours <= RATIO_MAX * bare)
                .tell();
    }

    /** Requests of one row with raw contents, as Triton's client sends them; rows without a category are left out. */
    private static List<Buffer> frames(BenchModel model) {
        List<Buffer> frames = new ArrayList<>();
        for (int r = 0; frames.size() < MESSAGES; r++) {
            Row row = model.row(r);
            int width = model.manifest().signature().size();
            Buffer inputs = Buffer.buffer();
            Buffer raw = Buffer.buffer();
            boolean whole = true;
            for (int c = 0; c < width; c++) {
                String text = row.text(c);
                boolean category = c < BenchModel.CATEGORIES.length;
                whole &= !category || text != null;
                field(inputs, 5, input("column_" + c, category ? "BYTES" : "FP64"));
                Buffer value = category
                        ? Buffer.buffer()
                                .appendIntLE(text == null ? 0 : text.length())
                                .appendString(text == null ? "" : text)
                        : Buffer.buffer().appendLongLE(Double.doubleToRawLongBits(row.number(c)));
                field(raw, 7, value);
            }
            if (whole) {
                Buffer message = Buffer.buffer();
                field(message, 1, Buffer.buffer("flight-delay"));
                field(message, 3, Buffer.buffer("20130105-B6679-" + r));
                message.appendBuffer(inputs).appendBuffer(raw);
                frames.add(Buffer.buffer()
                        .appendByte((byte) 0)
                        .appendInt(message.length())
                        .appendBuffer(message));
            }
        }
        return frames;
    }

    private static Buffer input(String name, String type) {
        Buffer input = Buffer.buffer();
        field(input, 1, Buffer.buffer(name));
        field(input, 2, Buffer.buffer(type.getBytes(StandardCharsets.UTF_8)));
        field(input, 3, Buffer.buffer(new byte[] {1})); // shape [1]
        return input;
    }

    /** A field of bytes; all lengths here are below 128. */
    private static void field(Buffer out, int number, Buffer value) {
        out.appendByte((byte) (number << 3 | 2))
                .appendByte((byte) value.length())
                .appendBuffer(value);
    }
}
