package dev.perennial.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes many runs into our PostgreSQL by COPY, one stream for each table at the same time. */
final class SeedCopy {
    /** Starts a COPY. */
    @FunctionalInterface
    interface Starter {
        Process start(String statement) throws IOException;
    }

    /** A running COPY. */
    private record Stream(Process process, BufferedWriter rows) {}

    private final Map<String, Stream> streams = new LinkedHashMap<>();

    private SeedCopy() {}

    /**
     * Writes the runs with these numbers.
     *
     * @param points of every metric
     */
    static void fill(Starter starter, int first, int last, int points) throws IOException {
        SeedCopy copy = new SeedCopy();
        for (Map.Entry<String, String> table : SeedRows.OURS.entrySet()) {
            Process process = starter.start("copy " + table.getKey() + " (" + table.getValue() + ") from stdin");
            copy.streams.put(
                    table.getKey(),
                    new Stream(
                            process,
                            new BufferedWriter(
                                    new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8),
                                    1 << 16)));
        }
        try {
            for (int i = first; i <= last; i++) {
                SeedRows.ours(SeedRun.of(i), points, copy::row);
            }
        } catch (SQLException e) {
            throw new IOException(e);
        }
        copy.finish();
    }

    private void row(String table, String columns, Object... cells) throws IOException {
        Stream stream = streams.get(table);
        if (stream == null) {
            throw new IOException("no stream for " + table + " (" + columns + ")");
        }
        for (int i = 0; i < cells.length; i++) {
            stream.rows().write((i == 0 ? "" : "\t") + cells[i]);
        }
        stream.rows().write('\n');
    }

    private void finish() throws IOException {
        for (Stream stream : streams.values()) {
            stream.rows().close();
            try {
                if (stream.process().waitFor() != 0) {
                    throw new IOException("a COPY failed");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }
}
