package dev.perennial.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The same row and the same trees by other model servers, with what each takes as its own protocol. */
final class PeerDuel {
    private static final double MLSERVER_TIMES = 30;
    private static final double MLFLOW_TIMES = 100;

    private final ServingSetting setting;

    PeerDuel(ServingSetting setting) {
        this.setting = setting;
    }

    void run() throws IOException, InterruptedException {
        Path folder = setting.folder("peers");
        Optional<ServingPeers> found = ServingPeers.find(folder, setting.out());
        if (found.isEmpty()) {
            return;
        }
        String infer = "/v2/models/" + ServingSetting.MODEL + "/infer";
        String ours = "/serving/" + ServingSetting.MODEL + "/invocations";
        Path columns = setting.script(folder, "columns", infer, ServingRequests::columns);
        Path matrix = setting.script(folder, "matrix", infer, ServingRequests::matrix);
        Path split = setting.script(folder, "split", ours, ServingRequests::split);
        Path theirs = setting.script(folder, "mlflow", "/invocations", ServingRequests::split);
        byte[] model = setting.trees().file();
        try (BenchScorer scorer = new BenchScorer(folder.resolve("scorer"), List.of(setting.split()));
                MeasuredServer mlserver = found.get().mlserver(model);
                MeasuredServer mlflow = found.get().mlflow(model)) {
            Map<String, ServingSetting.Round> sides = new LinkedHashMap<>();
            sides.put("scorer, /v2", seconds -> scorer.server().load(columns, infer, seconds));
            sides.put("MLServer, /v2", seconds -> mlserver.load(matrix, infer, seconds));
            sides.put("scorer, /invocations", seconds -> scorer.server().load(split, ours, seconds));
            sides.put("mlflow models serve", seconds -> mlflow.load(theirs, "/invocations", seconds));
            Loads best = setting.inTurn(sides);
            best.print("one row of 21 numbers, 100 trees of depth 6; ours with log, metrics and split");
            setting.out()
                    .println("resident MiB: scorer "
                            + Figure.number(scorer.server().mebibytes()) + ", MLServer "
                            + Figure.number(mlserver.mebibytes()) + ", mlflow models serve "
                            + Figure.number(mlflow.mebibytes()));
            tell("MLServer", best.of("scorer, /v2"), best.of("MLServer, /v2"), MLSERVER_TIMES);
            tell("mlflow models serve", best.of("scorer, /invocations"), best.of("mlflow models serve"), MLFLOW_TIMES);
        }
    }

    private static void tell(String peer, MeasuredServer.Load ours, MeasuredServer.Load theirs, double times) {
        Figure.of(
                        "CPU of " + peer + " for one row, beside ours",
                        "us of CPU",
                        theirs.microsARequest(),
                        "ours",
                        ours.microsARequest(),
                        ">= " + (int) times + "x",
                        theirs.microsARequest() >= times * ours.microsARequest())
                .tell();
    }
}
