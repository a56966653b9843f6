package dev.perennial.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A thousand rows in a request as binary tensors: what the transport takes and gives, and how near trees come to the evaluator alone. */
final class BatchDuel {
    private static final int ROWS = 1_000;
    private static final double ROWS_A_SECOND = 1e6;
    private static final double SHARE_MIN = 0.7;
    private static final int EVALUATIONS = 200;

    private final ServingSetting setting;

    BatchDuel(ServingSetting setting) {
        this.setting = setting;
    }

    void run() throws IOException, InterruptedException {
        Path folder = setting.folder("batch");
        String same = "/v2/models/identity/infer";
        String trees = "/v2/models/" + ServingSetting.MODEL + "/infer";
        Path sameScript = ServingRequests.script(folder, "identity", same, List.of(matrix()));
        Path treeScript =
                ServingRequests.script(folder, "trees", trees, List.of(new ServingRequests(ROWS, 1).binary()));
        try (BenchScorer scorer = new BenchScorer(
                        folder.resolve("scorer"), List.of(ServingSetting.identity("identity"), setting.alone()));
                BenchScorer unlogged = new BenchScorer(folder.resolve("unlogged"), List.of(setting.unlogged()));
                MeasuredServer echo = setting.echo()) {
            scorer.check(same, matrix());
            scorer.check(trees, new ServingRequests(ROWS, 1).binary());
            unlogged.check(trees, new ServingRequests(ROWS, 1).binary());
            Map<String, ServingSetting.Round> sides = new LinkedHashMap<>();
            sides.put("echo of the same bytes", seconds -> echo.load(sameScript, same, seconds));
            sides.put("identity", seconds -> scorer.server().load(sameScript, same, seconds));
            sides.put("trees, rows logged", seconds -> scorer.server().load(treeScript, trees, seconds));
            sides.put("trees, no row logged", seconds -> unlogged.server().load(treeScript, trees, seconds));
            Loads best = setting.inTurn(sides);
            best.print("1,000 rows of 21 numbers as binary tensors");
            double identity = ROWS * best.of("identity").requestsASecond();
            double echoed = ROWS * best.of("echo of the same bytes").requestsASecond();
            Figure.of(
                            "identity model",
                            "rows/s",
                            identity,
                            "bare echo",
                            echoed,
                            ">= 1 million",
                            identity >= ROWS_A_SECOND)
                    .tell();
            double alone = evaluator();
            double bare = best.of("trees, no row logged").microsARequest() / ROWS;
            tell("no row logged", bare, alone, "evaluator >= 0.7 of it", alone >= SHARE_MIN * bare);
            double served = best.of("trees, rows logged").microsARequest() / ROWS;
            tell("rows logged", served, alone, "printed", true);
        }
    }

    private static void tell(String log, double served, double alone, String goal, boolean reached) {
        Figure.of(
                        "a row of 1,000 through 100 trees of depth 6, " + log,
                        "us of CPU",
                        served,
                        "evaluator alone",
                        alone,
                        goal,
                        reached)
                .tell();
    }

    /** Microseconds a row of the evaluator alone, best of many calls of a thousand rows. */
    private double evaluator() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double best = Double.MAX_VALUE;
        for (int i = 0; i < EVALUATIONS; i++) {
            long before = threads.getCurrentThreadCpuTime();
            double[] scores = setting.trees().oursAll();
            best = Math.min(best, (threads.getCurrentThreadCpuTime() - before) / 1e3 / scores.length);
        }
        return best;
    }

    private static ServingRequests.Request matrix() {
        String header = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[" + ROWS + ","
                + ServingRequests.WIDTH + "],\"parameters\":{\"binary_data_size\":" + 4 * ROWS * ServingRequests.WIDTH
                + "}}],\"parameters\":{\"binary_data_output\":true}}";
        ByteBuffer body = ByteBuffer.allocate(header.length() + 4 * ROWS * ServingRequests.WIDTH)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(header.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        for (int i = 0; i < ROWS * ServingRequests.WIDTH; i++) {
            body.putFloat(i / 7f);
        }
        return new ServingRequests.Request(
                body.array(),
                Map.of(
                        "Content-Type",
                        "application/octet-stream",
                        "Inference-Header-Content-Length",
                        Integer.toString(header.length())));
    }
}
