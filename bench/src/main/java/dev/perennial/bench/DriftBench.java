package dev.perennial.bench;

import dev.perennial.statistics.Bins;
import dev.perennial.statistics.Moments;
import dev.perennial.statistics.NumericState;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Drift state of 1 million rows x 20 columns on one core (anchored histogram of 256 bins, moments, missing and special values), beside what
 * the same memory costs for a plain minimum, maximum and sum, and beside DuckDB's min, max and avg with one thread. Columns of four kinds:
 * normal, log-normal, zero-inflated, few values.
 */
public final class DriftBench {
    private static final int ROWS = 1_000_000;
    private static final int COLUMNS = 20;
    private static final int ROUNDS = 7;

    /** CPU time of this thread, so that a busy machine does not decide. */
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    private final PrintStream out;
    private final double[][] columns = new double[COLUMNS][ROWS];
    private final Bins[] bins = new Bins[COLUMNS];

    private DriftBench(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) throws SQLException {
        new DriftBench(System.out).run();
    }

    private void run() throws SQLException {
        fill();
        double[] state = new double[ROUNDS];
        double[] plain = new double[ROUNDS];
        long check = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = CPU.getCurrentThreadCpuTime();
            check += states();
            state[round] = perValue(start);
            start = CPU.getCurrentThreadCpuTime();
            check += (long) minimumMaximumSum();
            plain[round] = perValue(start);
        }
        double duck = duckDb();
        double best = best(state);
        perKind();
        out.printf(Locale.ROOT, "drift state      %6.2f ns of CPU a value (median %.2f)%n", best, median(state));
        out.printf(
                Locale.ROOT, "min, max, sum    %6.2f ns of CPU a value: ratio %.1f%n", best(plain), best / best(plain));
        out.printf(Locale.ROOT, "DuckDB, 1 thread %6.2f ns of CPU a value: ratio %.1f%n", duck, best / duck);
        Figure.of(
                        "drift state, 1 M rows x 20 columns",
                        "ns of CPU a value",
                        best,
                        "DuckDB min, max, avg",
                        duck,
                        "<= 25 ns",
                        best <= 25)
                .tell();
        out.printf(Locale.ROOT, "limit 25 ns a value: %s (check %d)%n", best <= 25 ? "held" : "NOT HELD", check);
    }

    private void fill() {
        SplittableRandom random = new SplittableRandom(1);
        for (int c = 0; c < COLUMNS; c++) {
            double[] reference = new double[20_000];
            int kind = c % 4;
            for (int i = 0; i < reference.length; i++) {
                reference[i] = value(random, kind);
            }
            bins[c] = Bins.anchored(reference);
            for (int r = 0; r < ROWS; r++) {
                columns[c][r] = random.nextInt(100) == 0 ? Double.NaN : value(random, kind);
            }
        }
    }

    private void perKind() {
        String[] kinds = {"normal", "log-normal", "zero-inflated", "few values"};
        for (int kind = 0; kind < kinds.length; kind++) {
            double[] rounds = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                long start = CPU.getCurrentThreadCpuTime();
                new NumericState.Accumulator(bins[kind]).update(columns[kind], 0, ROWS);
                rounds[round] = perValue(start) * COLUMNS;
            }
            out.printf(Locale.ROOT, "  %-14s %6.2f ns of CPU a value%n", kinds[kind], best(rounds));
        }
    }

    private static double value(SplittableRandom random, int kind) {
        return switch (kind) {
            case 0 -> 50 + 10 * random.nextGaussian();
            case 1 -> Math.exp(2 * random.nextGaussian());
            case 2 -> random.nextInt(10) < 8 ? 0 : random.nextDouble();
            default -> random.nextInt(12);
        };
    }

    private long states() {
        long rows = 0;
        for (int c = 0; c < COLUMNS; c++) {
            NumericState.Accumulator accumulator = new NumericState.Accumulator(bins[c]);
            accumulator.update(columns[c], 0, ROWS);
            NumericState state = accumulator.state();
            rows += state.values() + state.counts()[0];
        }
        return rows;
    }

    private double minimumMaximumSum() {
        double all = 0;
        for (double[] column : columns) {
            double min = Double.POSITIVE_INFINITY;
            double max = Double.NEGATIVE_INFINITY;
            double sum = 0;
            for (double x : column) {
                if (x == x) {
                    min = Math.min(min, x);
                    max = Math.max(max, x);
                    sum += x;
                }
            }
            all += Moments.of(min, max, sum).mean();
        }
        return all;
    }

    /** Over a table of the same size in memory; its time does not depend on the values. */
    private double duckDb() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement sql = connection.createStatement()) {
            sql.execute("set threads = 1");
            List<String> values = new ArrayList<>();
            List<String> aggregates = new ArrayList<>();
            for (int c = 0; c < COLUMNS; c++) {
                values.add("random() as c" + c);
                aggregates.add("min(c" + c + "), max(c" + c + "), avg(c" + c + ")");
            }
            sql.execute("create table t as select " + String.join(", ", values) + " from range(" + ROWS + ")");
            double[] rounds = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                long start = CPU.getCurrentThreadCpuTime();
                try (ResultSet result = sql.executeQuery("select " + String.join(", ", aggregates) + " from t")) {
                    result.next();
                }
                rounds[round] = perValue(start);
            }
            return best(rounds);
        }
    }

    private static double perValue(long start) {
        return (CPU.getCurrentThreadCpuTime() - start) / ((double) ROWS * COLUMNS);
    }

    private static double best(double[] rounds) {
        return Arrays.stream(rounds).min().getAsDouble();
    }

    private static double median(double[] rounds) {
        double[] sorted = rounds.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
