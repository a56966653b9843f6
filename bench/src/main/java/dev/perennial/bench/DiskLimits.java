package dev.perennial.bench;

import dev.perennial.tracking.Metric;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/**
 * What the disk and the bare database can do.
 *
 * @param fsyncMillis appending one page and forcing it to the disk, median
 * @param insertMillis raw batched insert of 1,000 rows and its commit with fsync, median
 */
record DiskLimits(double fsyncMillis, double insertMillis) {
    private static final int ROUNDS = 200;
    private static final int PAGE = 4096;

    static DiskLimits measure(Path folder) throws IOException, SQLException {
        return new DiskLimits(fsync(folder), insert(folder));
    }

    private static double fsync(Path folder) throws IOException {
        double[] millis = new double[ROUNDS];
        try (FileChannel file =
                FileChannel.open(folder.resolve("fsync"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int i = 0; i < ROUNDS; i++) {
                long start = System.nanoTime();
                file.write(ByteBuffer.allocate(PAGE));
                file.force(false);
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        return median(millis);
    }

    private static double insert(Path folder) throws SQLException {
        double[] millis = new double[ROUNDS / 2];
        String url = "jdbc:sqlite:" + folder.resolve("raw.db")
                + "?journal_mode=WAL&synchronous=FULL&transaction_mode=IMMEDIATE";
        try (Connection connection = DriverManager.getConnection(url)) {
            LogBatchBench.createTable(connection);
            for (int i = -millis.length; i < millis.length; i++) {
                List<Metric> metrics = LogBatchBench.metrics(i + millis.length);
                long start = System.nanoTime();
                LogBatchBench.insert(connection, metrics);
                if (i >= 0) {
                    millis[i] = (System.nanoTime() - start) / 1e6;
                }
            }
        }
        return median(millis);
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
