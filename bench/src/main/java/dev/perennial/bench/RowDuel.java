package dev.perennial.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One row over REST with log, metrics and split, beside a bare echo of the same requests. */
final class RowDuel {
    private static final double ECHOES_MAX = 3;
    private static final double MICROS_GOAL = 25;

    private final ServingSetting setting;

    RowDuel(ServingSetting setting) {
        this.setting = setting;
    }

    void run() throws IOException, InterruptedException {
        Path folder = setting.folder("row");
        String records = "/endpoints/" + ServingSetting.MODEL + "/predict";
        String infer = "/v2/models/" + ServingSetting.MODEL + "/infer";
        String invocations = "/serving/" + ServingSetting.MODEL + "/invocations";
        ServingRequests row = setting.rows().getFirst();
        Path recordScript = setting.script(folder, "records", records, ServingRequests::records);
        Path inferScript = setting.script(folder, "infer", infer, ServingRequests::columns);
        Path splitScript = setting.script(folder, "split", invocations, ServingRequests::split);
        try (BenchScorer scorer = new BenchScorer(folder.resolve("scorer"), List.of(setting.split()));
                MeasuredServer echo = setting.echo()) {
            scorer.check(records, row.records());
            scorer.check(infer, row.columns());
            scorer.check(invocations, row.split());
            Map<String, ServingSetting.Round> sides = new LinkedHashMap<>();
            sides.put("echo of records", seconds -> echo.load(recordScript, records, seconds));
            sides.put("records", seconds -> scorer.server().load(recordScript, records, seconds));
            sides.put("echo of /v2", seconds -> echo.load(inferScript, infer, seconds));
            sides.put("/v2", seconds -> scorer.server().load(inferScript, infer, seconds));
            sides.put("echo of /invocations", seconds -> echo.load(splitScript, invocations, seconds));
            sides.put("/invocations", seconds -> scorer.server().load(splitScript, invocations, seconds));
            Loads best = setting.inTurn(sides);
            best.print("one row of 21 numbers over REST; log, metrics, 10 % canary with pairs");
            for (String route : List.of("records", "/v2", "/invocations")) {
                double bare = best.of("echo of " + route).microsARequest();
                double ours = best.of(route).microsARequest();
                Figure.of(
                                "one row by " + route + ", log, metrics, split",
                                "us of CPU",
                                ours,
                                "bare echo",
                                bare,
                                "<= 3x, goal 25 us",
                                ours <= ECHOES_MAX * bare && ours <= MICROS_GOAL)
                        .tell();
            }
        }
    }
}
