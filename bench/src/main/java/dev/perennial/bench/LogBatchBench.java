package dev.perennial.bench;

import dev.perennial.kernel.Ids;
import dev.perennial.store.Reals;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.tracking.Batch;
import dev.perennial.tracking.Experiment;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.NewRun;
import dev.perennial.tracking.TrackingRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Durable log-batch of 1,000 metrics (names checked, run looked up, rows made unique, latest values findable, committed with fsync) beside
 * the raw batched insert of the same 1,000 rows into a bare table of the same SQLite, likewise committed with fsync. Both take turns in one
 * process, so a busy machine or disk slows both alike.
 */
public final class LogBatchBench {
    private static final int METRICS = 1000;
    private static final int WARM_UP = 40;
    private static final int ROUNDS = 150;
    private static final double LIMIT = 0.4;

    private LogBatchBench() {}

    public static void main(String[] arguments) throws IOException, SQLException {
        Path folder = Files.createTempDirectory("perennial-log-batch");
        try {
            run(folder);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void run(Path folder) throws SQLException {
        SecureRandom random = new SecureRandom();
        Ids ids = new Ids(InstantSource.system(), random);
        String raw = "jdbc:sqlite:" + folder.resolve("raw.db")
                + "?journal_mode=WAL&synchronous=FULL&transaction_mode=IMMEDIATE";
        double[] ours = new double[ROUNDS];
        double[] bare = new double[ROUNDS];
        try (Store store =
                        Store.open(StoreSettings.local(folder.resolve("data")), InstantSource.system(), ids, random);
                Connection connection = DriverManager.getConnection(raw)) {
            TrackingRuns tracking = new TrackingRuns(store.database(), store.blobs(), InstantSource.system(), ids);
            String run = tracking.create(new NewRun(Experiment.DEFAULT, "bench", "", null, List.of()))
                    .info()
                    .id();
            createTable(connection);
            for (int round = -WARM_UP; round < ROUNDS; round++) {
                List<Metric> metrics = metrics(round + WARM_UP);
                long start = System.nanoTime();
                tracking.log(run, new Batch(metrics, List.of(), List.of()));
                long middle = System.nanoTime();
                insert(connection, metrics);
                long end = System.nanoTime();
                if (round >= 0) {
                    ours[round] = (middle - start) / 1e6;
                    bare[round] = (end - middle) / 1e6;
                }
            }
        }
        report(median(ours), median(bare));
    }

    static List<Metric> metrics(int round) {
        List<Metric> metrics = new ArrayList<>(METRICS);
        for (int i = 0; i < METRICS; i++) {
            metrics.add(new Metric("metric_" + i, i / 7.0 + round, 1_700_000_000_000L + round, round));
        }
        return metrics;
    }

    static void createTable(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table metric (run integer not null, key text not null, step integer not null,"
                    + " at integer not null, value real not null, value_nan integer not null) strict");
        }
    }

    static void insert(Connection connection, List<Metric> metrics) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement("insert into metric values (?, ?, ?, ?, ?, ?)")) {
            for (Metric metric : metrics) {
                insert.setLong(1, 1);
                insert.setString(2, metric.key());
                insert.setLong(3, metric.step());
                insert.setLong(4, metric.at());
                insert.setDouble(5, Reals.stored(metric.value()));
                insert.setInt(6, Reals.flag(metric.value()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    private static void report(double ours, double bare) {
        Table table = new Table("durable log of 1,000 metrics", "median ms a batch", "batches a second");
        table.row("log-batch", number(ours), number(1000 / ours));
        table.row("raw batched insert", number(bare), number(1000 / bare));
        table.row("ratio", number(bare / ours), "limit " + LIMIT + (bare / ours >= LIMIT ? ", held" : ", NOT HELD"));
        table.print();
        new Figure(
                        "durable log-batch of 1,000 metrics",
                        number(1000 / ours) + " batches a second",
                        "raw batched insert: " + number(1000 / bare) + " batches a second",
                        number(bare / ours),
                        ">= " + LIMIT,
                        bare / ours >= LIMIT)
                .tell();
    }

    private static double median(double[] rounds) {
        double[] sorted = rounds.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
