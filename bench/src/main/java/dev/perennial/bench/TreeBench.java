package dev.perennial.bench;

import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.TabularModel;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Locale;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * CPU time of a row through 100 trees of 15 leaves: ours one row at a time, beside the library's own predictor over the whole matrix with
 * one thread, which is its best case. Best of several rounds, because other work only makes a round slower.
 */
public final class TreeBench {
    private static final int ROUNDS = 25;
    private static final double MICROS_MAX = 4;
    private static final double NANOS_A_MICRO = 1000.0;

    private TreeBench() {}

    public static void main(String[] arguments) throws XGBoostError {
        try (BenchModel bench = new BenchModel(1);
                TabularModel model = new ModelLoader(Path.of("native"))
                        .loadTabular(bench.manifest().toJson(), bench.file())) {
            Row[] rows = new Row[BenchModel.ROWS];
            for (int r = 0; r < rows.length; r++) {
                rows[r] = bench.row(r);
            }
            double ours = best(() -> {
                double sum = 0;
                for (Row row : rows) {
                    sum += model.score(row);
                }
                return sum;
            });
            DMatrix matrix = bench.matrix();
            float[][] expected = bench.booster().predict(matrix);
            DMatrix[] fresh = new DMatrix[ROUNDS]; // the library remembers its answers for a matrix
            for (int i = 0; i < ROUNDS; i++) {
                fresh[i] = bench.matrix();
            }
            int[] next = {0};
            double library = best(() -> predicted(bench, fresh[next[0]++]));
            double worst = 0;
            for (int r = 0; r < rows.length; r++) {
                worst = Math.max(worst, Math.abs(model.score(rows[r]) - expected[r][0]));
            }
            matrix.dispose();
            for (DMatrix used : fresh) {
                used.dispose();
            }
            Table table = new Table("tree evaluation, 100 trees of 15 leaves, 21 columns", "CPU us a row");
            table.row("ours, a row at a time", String.format(Locale.ROOT, "%.2f", ours));
            table.row(
                    "the library, " + BenchModel.ROWS + " rows in one call",
                    String.format(Locale.ROOT, "%.2f", library));
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

    private interface Round {
        double run() throws XGBoostError;
    }

    private static double predicted(BenchModel bench, DMatrix matrix) throws XGBoostError {
        return bench.booster().predict(matrix)[0][0];
    }

    private static double best(Round round) throws XGBoostError {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double best = Double.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            long before = threads.getCurrentThreadCpuTime();
            double sum = round.run();
            long took = threads.getCurrentThreadCpuTime() - before;
            if (Double.isNaN(sum)) {
                throw new IllegalStateException("a score is not a number");
            }
            best = Math.min(best, took / NANOS_A_MICRO / BenchModel.ROWS);
        }
        return best;
    }
}
