package dev.perennial.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One row by gRPC and by binary tensors over REST, beside bare echoes of the same messages, and the same message to a method that does
 * nothing with it, which is what our transport costs alone.
 */
final class GrpcDuel {
    private static final double ECHOES_MAX = 1.7;
    /** What both sides take without hurry; as fast as they answer, the one that answers faster writes more answers at once. */
    private static final int SAME_RATE = 10_000;

    private static final String SERVICE = "/inference.GRPCInferenceService/";
    private static final Pattern PRINTED = Pattern.compile("answered (\\d+) failed (\\d+) p50 (\\S+) p99 (\\S+)");

    private final ServingSetting setting;

    GrpcDuel(ServingSetting setting) {
        this.setting = setting;
    }

    void run() throws IOException, InterruptedException {
        Path folder = setting.folder("grpc");
        Path message = folder.resolve("message");
        Files.write(message, new ServingRequests(1, 1).grpc(ServingSetting.MODEL));
        String infer = "/v2/models/" + ServingSetting.MODEL + "/infer";
        Path script = ServingRequests.script(folder, "binary", infer, List.of(new ServingRequests(1, 1).binary()));
        try (BenchScorer scorer = new BenchScorer(folder.resolve("scorer"), List.of(setting.split()));
                MeasuredServer grpcEcho = setting.java(GrpcEcho.class);
                MeasuredServer echo = setting.echo();
                Caller caller = new Caller(SERVICE + "ModelInfer", message);
                Caller nothing = new Caller(SERVICE + "ServerLive", message)) {
            scorer.check(infer, new ServingRequests(1, 1).binary());
            Map<String, ServingSetting.Round> sides = new LinkedHashMap<>();
            sides.put("gRPC echo of the library", seconds -> caller.load(grpcEcho, seconds, 0));
            sides.put("gRPC", seconds -> caller.load(scorer.server(), seconds, 0));
            sides.put("gRPC, nothing behind it", seconds -> nothing.load(scorer.server(), seconds, 0));
            sides.put("gRPC echo, same rate", seconds -> caller.load(grpcEcho, seconds, SAME_RATE));
            sides.put("gRPC, same rate", seconds -> caller.load(scorer.server(), seconds, SAME_RATE));
            sides.put("echo of binary tensors", seconds -> echo.load(script, infer, seconds));
            sides.put("binary tensors", seconds -> scorer.server().load(script, infer, seconds));
            Loads best = setting.inTurn(sides);
            best.print("one row of 21 numbers as tensors; log, metrics, 10 % canary with pairs");
            tell("gRPC", best.of("gRPC"), best.of("gRPC echo of the library"));
            tell("gRPC at 10,000 calls a second", best.of("gRPC, same rate"), best.of("gRPC echo, same rate"));
            tell("binary tensors over REST", best.of("binary tensors"), best.of("echo of binary tensors"));
        }
    }

    private static void tell(String what, MeasuredServer.Load ours, MeasuredServer.Load echo) {
        Figure.of(
                        "one row by " + what + ", log, metrics, split",
                        "us of CPU",
                        ours.microsARequest(),
                        "bare echo",
                        echo.microsARequest(),
                        "<= 1.7x",
                        ours.microsARequest() <= ECHOES_MAX * echo.microsARequest())
                .tell();
    }

    /** Calls sent by one process for all rounds, whose start would take longer than a round. */
    private static final class Caller implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;

        Caller(String method, Path message) throws IOException {
            process = new ProcessBuilder(
                            "taskset",
                            "-c",
                            MeasuredServer.LOAD_CORE,
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            GrpcLoad.class.getName(),
                            method,
                            message.toString())
                    .redirectErrorStream(true)
                    .start();
            out = process.inputReader();
        }

        MeasuredServer.Load load(MeasuredServer server, int seconds, int rate)
                throws IOException, InterruptedException {
            String[] line = new String[1];
            MeasuredServer.Used used = server.during(() -> {
                process.outputWriter().write(server.port() + " " + seconds + " " + rate + "\n");
                process.outputWriter().flush();
                line[0] = result();
            });
            Matcher printed = PRINTED.matcher(line[0]);
            if (!printed.find()
                    || !printed.group(2).equals("0")
                    || printed.group(1).equals("0")) {
                throw new IllegalStateException("calls failed: " + line[0]);
            }
            return used.load(Double.parseDouble(printed.group(1)), seconds, printed.group(3), printed.group(4));
        }

        /** The line of a round, without warnings of the JVM before it; all lines when there is none. */
        private String result() throws IOException {
            StringBuilder all = new StringBuilder();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (PRINTED.matcher(line).find()) {
                    return line;
                }
                all.append(line).append('\n');
            }
            return all.toString();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
