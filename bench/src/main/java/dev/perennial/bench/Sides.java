package dev.perennial.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/** Starts the two servers of a comparison, filled alike or empty. One at a time runs, so that each has the machine for itself. */
final class Sides {
    private static final int CHANGE_COUNTER = 8;

    private final TrackingBench.Setting setting;
    private final String section;

    Sides(TrackingBench.Setting setting, String section) {
        this.setting = setting;
        this.section = section;
    }

    /** The database on PostgreSQL: one for all starts on the same data directory, whose ledger would refuse another. */
    private Optional<String> address = Optional.empty();

    /** Measures one side. */
    @FunctionalInterface
    interface Measure<T> {
        T of(TrackingServer server) throws IOException, InterruptedException, SQLException;
    }

    /** Ours and, where there is one, MLflow's. */
    record Both<T>(T ours, Optional<T> mlflow) {}

    <T> Both<T> measure(int runs, Measure<T> measure) throws IOException, InterruptedException, SQLException {
        T ours = ours(runs, measure);
        if (setting.python().isEmpty() || setting.postgres().isPresent()) {
            return new Both<>(ours, Optional.empty());
        }
        Path folder = setting.folder().resolve(section + "-mlflow");
        if (runs > 0) {
            TrackingServer.mlflow(setting.python().get(), folder).close(); // makes the tables
            SeedTables.fill("jdbc:sqlite:" + folder.resolve("mlflow.db"), false, runs);
        }
        try (TrackingServer server = TrackingServer.mlflow(setting.python().get(), folder)) {
            return new Both<>(ours, Optional.of(measure.of(server)));
        }
    }

    private <T> T ours(int runs, Measure<T> measure) throws IOException, InterruptedException, SQLException {
        Path data = setting.folder().resolve(section);
        if (address.isEmpty()) {
            address = setting.postgres().map(BenchPostgres::freshDatabase);
        }
        Map<String, String> properties = address.map(url -> Map.of(
                        "perennial.database-url",
                        url,
                        "perennial.database-user",
                        BenchPostgres.USER,
                        "perennial.database-password",
                        ""))
                .orElse(Map.of());
        if (runs > 0) {
            TrackingServer.ours(data, properties, () -> 0).close(); // makes the tables
            if (address.isPresent()) {
                setting.postgres().get().fill(address.get(), 1, runs, 1);
                setting.postgres().get().psql(address.get(), "analyze");
            } else {
                SeedTables.fill("jdbc:sqlite:" + data.resolve("perennial.db"), true, runs);
            }
        }
        try (TrackingServer server = TrackingServer.ours(
                data,
                properties,
                () -> address.isPresent() ? setting.postgres().get().syncs() : commits(data))) {
            return measure.of(server);
        }
    }

    /** SQLite counts commits in the index of its write-ahead log. */
    private static long commits(Path data) {
        Path index = data.resolve("perennial.db-shm");
        if (!Files.exists(index)) {
            return 0;
        }
        try (FileChannel file = FileChannel.open(index)) {
            ByteBuffer counter = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
            file.read(counter, CHANGE_COUNTER);
            return Integer.toUnsignedLong(counter.getInt(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
