package dev.perennial.bench;

import dev.perennial.tracking.Metric;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
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
 * @param insertMillis raw batched insert of 1,000 rows and its commit with fsync, mean over some seconds, with the settings of our
 *     database and all that SQLite does meanwhile to bring its log into the file
 */
record DiskLimits(double fsyncMillis, double insertMillis) {
    private static final int ROUNDS = 200;
    private static final int WARM_UP = 100;
    private static final int PAGE = 4096;

    /**
     * Measures.
     *
     * @param folder gets files
     * @param seconds for the inserts
     */
    static DiskLimits measure(Path folder, double seconds) throws IOException, SQLException {
        Path own = Files.createTempDirectory(folder, "limits");
        return new DiskLimits(fsync(own), insert(own, seconds));
    }

    /** Of two measurements, one before and one after what they are to limit. */
    DiskLimits mean(DiskLimits other) {
        return new DiskLimits((fsyncMillis + other.fsyncMillis) / 2, (insertMillis + other.insertMillis) / 2);
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

    private static double insert(Path folder, double seconds) throws SQLException {
        String url = "jdbc:sqlite:" + folder.resolve("raw.db")
                + "?journal_mode=WAL&synchronous=FULL&transaction_mode=IMMEDIATE&wal_autocheckpoint=4000";
        try (Connection connection = DriverManager.getConnection(url)) {
            LogBatchBench.createTable(connection);
            for (int i = 0; i < WARM_UP; i++) {
                LogBatchBench.insert(connection, LogBatchBench.metrics(i));
            }
            long inserting = 0;
            int batches = 0;
            while (inserting < seconds * 1e9) {
                List<Metric> metrics = LogBatchBench.metrics(WARM_UP + batches++);
                long start = System.nanoTime();
                LogBatchBench.insert(connection, metrics);
                inserting += System.nanoTime() - start;
            }
            return inserting / 1e6 / batches;
        }
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
