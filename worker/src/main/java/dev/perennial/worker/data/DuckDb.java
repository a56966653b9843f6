package dev.perennial.worker.data;

import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepFailure.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBFunctions;

/**
 * The one door to DuckDB. An instance is private, in memory and locked before the first statement: it reads and writes the given files and
 * folders and nothing else, loads no extension, and its settings cannot be changed. Allowed places are writable for DuckDB, therefore only
 * SQL of this package runs here, with identifiers and values quoted by {@link Sql}. Not thread-safe: one job, one instance.
 *
 * <p>Cost: about 25 ms to open once the native library is loaded. One thread by default, so that sums of floating numbers, and with them
 * the bytes of snapshots, are equal on every machine.
 */
public final class DuckDb implements AutoCloseable {
    /** The function {@code crc32(text)}: CRC-32 of the UTF-8 bytes, for {@code sample}. */
    static final String CRC32_FUNCTION = "crc32";

    private final DuckDBConnection connection;

    /**
     * @param temporary folder for what does not fit into memory; made when missing
     * @param memoryMegabytes bound of DuckDB's buffers; the process may use more
     */
    public record Settings(Path temporary, int memoryMegabytes, int threads) {
        /** Enough for years of flights. */
        public static Settings in(Path temporary) {
            return new Settings(temporary, 1024, 1);
        }
    }

    /** Reads one row of a result; the reader must not move it. */
    @FunctionalInterface
    public interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private DuckDb(DuckDBConnection connection) {
        this.connection = connection;
    }

    /**
     * Opens an instance that may touch these files and folders only.
     *
     * @param files real paths of single files
     * @param folders real paths of folders, with all that is below
     */
    public static DuckDb open(Settings settings, Collection<Path> files, Collection<Path> folders) {
        try {
            Path temporary = Files.createDirectories(settings.temporary()).toRealPath();
            Properties properties = new Properties();
            properties.setProperty("memory_limit", settings.memoryMegabytes() + "MB");
            properties.setProperty("threads", String.valueOf(settings.threads()));
            properties.setProperty("autoinstall_known_extensions", "false");
            properties.setProperty("autoload_known_extensions", "false");
            properties.setProperty("allow_community_extensions", "false");
            properties.setProperty("temp_directory", temporary.toString());
            Connection opened = DriverManager.getConnection("jdbc:duckdb:", properties);
            DuckDb db = new DuckDb(opened.unwrap(DuckDBConnection.class));
            db.lock(files, folders, temporary);
            return db;
        } catch (SQLException e) {
            throw new StepFailure(Kind.INFRA, "cannot open DuckDB: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the temporary folder " + settings.temporary(), e);
        }
    }

    private void lock(Collection<Path> files, Collection<Path> folders, Path temporary) throws SQLException {
        registerCrc32();
        List<String> allowed = new ArrayList<>();
        folders.forEach(folder -> allowed.add(Sql.text(folder + "/")));
        allowed.add(Sql.text(temporary + "/"));
        execute("SET TimeZone = 'UTC'");
        execute("SET allowed_directories = [" + String.join(", ", allowed) + "]");
        execute("SET allowed_paths = ["
                + files.stream().map(file -> Sql.text(file.toString())).collect(Collectors.joining(", ")) + "]");
        execute("SET enable_external_access = false");
        execute("SET lock_configuration = true");
    }

    private void registerCrc32() throws SQLException {
        try (var function = DuckDBFunctions.scalarFunction()) {
            function.withName(CRC32_FUNCTION)
                    .withParameter(String.class)
                    .withReturnType(Long.class)
                    .withFunction((String text) -> crc32(text))
                    .register(connection);
        }
    }

    /** CRC-32 of the UTF-8 bytes of a text. */
    static long crc32(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }

    /** Runs a statement without a result. */
    public void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failure(sql, e);
        }
    }

    /** All rows of a small result. */
    public <T> List<T> list(String sql, RowReader<T> reader) {
        List<T> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(reader.read(result));
            }
            return rows;
        } catch (SQLException e) {
            throw failure(sql, e);
        }
    }

    /** The only row of a result. */
    public <T> T one(String sql, RowReader<T> reader) {
        return list(sql, reader).getFirst();
    }

    /** Gives a large result in column chunks, in order; a chunk must not be kept. */
    public void chunks(String sql, java.util.function.Consumer<DuckDBDataChunkReader> consumer) {
        try (var statement = connection.prepare(sql);
                DuckDBChunkedResult result = statement.query()) {
            while (result.nextChunk()) {
                consumer.accept(result.chunk());
            }
        } catch (SQLException e) {
            throw failure(sql, e);
        }
    }

    /** Writes rows into a table. */
    @FunctionalInterface
    public interface RowWriter {
        void write(DuckDBAppender appender) throws SQLException;
    }

    /** Appends rows to a table of this instance; a row that does not fit fails here. */
    public void append(String table, RowWriter rows) {
        try (DuckDBAppender appender = connection.createAppender(table)) {
            rows.write(appender);
            appender.flush(); // closing would keep a failure to itself
        } catch (SQLException e) {
            throw failure("append to " + table, e);
        }
    }

    private static RuntimeException failure(String sql, SQLException e) {
        String message = String.valueOf(e.getMessage());
        if (message.startsWith("Out of Memory") || message.startsWith("IO Error")) {
            return new StepFailure(Kind.INFRA, message);
        }
        if (message.startsWith("Conversion Error") || message.startsWith("Invalid Input Error")) {
            return new StepFailure(Kind.USER, message);
        }
        return new IllegalStateException("DuckDB refused a statement of ours: " + message + "\n" + sql, e);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new StepFailure(Kind.INFRA, "cannot close DuckDB: " + e.getMessage());
        }
    }
}
