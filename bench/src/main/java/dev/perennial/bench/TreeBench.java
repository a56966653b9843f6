package dev.perennial.bench;

import ai.onnxruntime.OrtException;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.TabularModel;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * CPU time of rows through trees: ours beside XGBoost's own predictor and ONNX Runtime, all with one thread, in one process, one after the
 * other; and the memory that loaded models hold. Best of several rounds, because other work only makes a round slower. {@code --short}
 * leaves the forest of 1,000 trees out.
 */
public final class TreeBench {
    private static final int ROUNDS = 25;
    private static final double MICROS_MAX = 4;
    private static final double FOREST_MICROS_MAX = 3;
    private static final double NANOS_A_MICRO = 1000.0;
    private static final int DEEP_ROUNDS = 5;

    private TreeBench() {}

    public static void main(String[] arguments) throws XGBoostError, OrtException, IOException {
        smallTrees();
        try (TreePeers peers = new TreePeers(100, 6, 1)) {
            duel(peers, "100 trees of depth 6", ROUNDS, true);
            ModelMemory.print(peers);
        }
        if (!List.of(arguments).contains("--short")) {
            try (TreePeers peers = new TreePeers(50, 12, 20)) {
                duel(peers, "1,000 trees of depth 12", DEEP_ROUNDS, false);
            }
        }
    }

    private static void smallTrees() throws XGBoostError, OrtException {
        try (BenchModel bench = new BenchModel(1);
                TabularModel model = new ModelLoader(Path.of("native"))
                        .loadTabular(bench.manifest().toJson(), bench.file())) {
            Row[] rows = new Row[BenchModel.ROWS];
            for (int r = 0; r < rows.length; r++) {
                rows[r] = bench.row(r);
            }
            double ours = best(ROUNDS, BenchModel.ROWS, () -> {
                double sum = 0;
                for (Row row : rows) {
                    sum += model.score(row);
                }
                return sum;
            });
            List<Row> list = Arrays.asList(rows);
            double batch = best(ROUNDS, BenchModel.ROWS, () -> model.scoreAll(list)[0]);
            DMatrix matrix = bench.matrix();
            float[][] expected = bench.booster().predict(matrix);
            DMatrix[] fresh = new DMatrix[ROUNDS]; // the library remembers its answers for a matrix
            for (int i = 0; i < ROUNDS; i++) {
                fresh[i] = bench.matrix();
            }
            int[] next = {0};
            double library = best(ROUNDS, BenchModel.ROWS, () -> predicted(bench, fresh[next[0]++]));
            double worst = 0;
            for (int r = 0; r < rows.length; r++) {
                worst = Math.max(worst, Math.abs(model.score(rows[r]) - expected[r][0]));
            }
            matrix.dispose();
            for (DMatrix used : fresh) {
                used.dispose();
            }
            Table table = new Table("tree evaluation, 100 trees of 15 leaves, 21 columns", "CPU us a row");
            table.row("ours, a row at a time", micros(ours));
            table.row("ours, " + BenchModel.ROWS + " rows in one call", micros(batch));
            table.row("the library, " + BenchModel.ROWS + " rows in one call", micros(library));
            table.row("largest difference of a score", String.format(Locale.ROOT, "%.1e", worst));
            table.print();
            Figure.of(
                            "a row through 100 trees of 15 leaves",
                            "us of CPU",
                            ours,
                            "the library, all rows in one call",
                            library,
                            "<= 4 us",
                            ours <= MICROS_MAX)
                    .tell();
        }
    }

    /** @param promised whether the figures are held to what the product promises */
    private static void duel(TreePeers peers, String name, int rounds, boolean promised)
            throws XGBoostError, OrtException {
        double worst = 0;
        double[] batch = peers.oursAll();
        float[][] library = peers.xgboostAll();
        float[][] onnx = peers.onnxAll();
        for (int r = 0; r < TreePeers.ROWS; r++) {
            worst = Math.max(worst, Math.abs(peers.oursOne(r) - library[r][0]));
            worst = Math.max(worst, Math.abs(batch[r] - onnx[r][0]));
        }
        int loops = TreePeers.ROWS;
        double oursOne = best(rounds, loops, each(peers::oursOne));
        double xgboostOne = best(rounds, loops, each(row -> peers.xgboostOne(row)));
        double onnxOne = best(rounds, loops, each(row -> peers.onnxOne(row)));
        double oursAll = best(rounds, loops, () -> peers.oursAll()[0]);
        double xgboostAll = best(rounds, loops, () -> peers.xgboostAll()[0][0]);
        double onnxAll = best(rounds, loops, () -> peers.onnxAll()[0][0]);
        Table table = new Table(name + ", 21 columns, CPU us a row", "ours", "XGBoost, in place", "ONNX Runtime");
        table.row("one row in a call", micros(oursOne), micros(xgboostOne), micros(onnxOne));
        table.row("1,000 rows in a call", micros(oursAll), micros(xgboostAll), micros(onnxAll));
        table.row("largest difference", String.format(Locale.ROOT, "%.1e", worst), "", "");
        table.print();
        tell("a row through " + name, oursOne, xgboostOne, onnxOne, promised);
        tell("1,000 rows through " + name + ", a row", oursAll, xgboostAll, onnxAll, promised);
    }

    private static void tell(String what, double ours, double xgboost, double onnx, boolean promised) {
        double peer = Math.min(xgboost, onnx);
        Figure.of(
                        what,
                        "us of CPU",
                        ours,
                        xgboost < onnx ? "XGBoost" : "ONNX Runtime",
                        peer,
                        promised ? "<= 3 us, below both" : "none",
                        !promised || ours <= FOREST_MICROS_MAX && ours < peer)
                .tell();
    }

    private interface Round {
        double run() throws XGBoostError, OrtException;
    }

    private interface OneRow {
        double score(int row) throws XGBoostError, OrtException;
    }

    private static Round each(OneRow one) {
        return () -> {
            double sum = 0;
            for (int row = 0; row < TreePeers.ROWS; row++) {
                sum += one.score(row);
            }
            return sum;
        };
    }

    private static String micros(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static double predicted(BenchModel bench, DMatrix matrix) throws XGBoostError {
        return bench.booster().predict(matrix)[0][0];
    }

    private static double best(int rounds, int rows, Round round) throws XGBoostError, OrtException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double best = Double.MAX_VALUE;
        for (int i = 0; i < rounds; i++) {
            long before = threads.getCurrentThreadCpuTime();
            double sum = round.run();
            long took = threads.getCurrentThreadCpuTime() - before;
            if (Double.isNaN(sum)) {
                throw new IllegalStateException("a score is not a number");
            }
            best = Math.min(best, took / NANOS_A_MICRO / rows);
        }
        return best;
    }
}
