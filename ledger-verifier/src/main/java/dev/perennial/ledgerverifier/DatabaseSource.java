package dev.perennial.ledgerverifier;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Reads the ledger out of a SQLite file, in one read transaction; a server may go on writing meanwhile. Writes nothing. */
final class DatabaseSource {
    private final Connection connection;

    private DatabaseSource(Connection connection) {
        this.connection = connection;
    }

    static Evidence read(Path file) {
        try (Connection connection = DriverManager.getConnection(url(file))) {
            connection.setAutoCommit(false);
            return new DatabaseSource(connection).read();
        } catch (SQLException e) {
            throw new Unusable(
                    "the database " + file + " cannot be read: " + e.getMessage()
                            + (e.getCause() == null ? "" : " (" + e.getCause() + ")"),
                    e);
        }
    }

    /** A file without a write-ahead log has no writer: it is read as it lies, so that a copy on a read-only disk will do. */
    private static String url(Path file) {
        Path log = file.resolveSibling(file.getFileName() + "-wal");
        return Files.exists(log)
                ? "jdbc:sqlite:" + file + "?open_mode=1&busy_timeout=10000"
                : "jdbc:sqlite:" + file.toUri() + "?immutable=1&open_mode=65";
    }

    private Evidence read() throws SQLException {
        List<String> identity = strings("select ledger, verifier_key from ledger_identity", 2);
        if (identity.size() != 2) {
            throw new Unusable("the database names no ledger");
        }
        List<Report.Finding> findings = new ArrayList<>();
        return new Evidence(
                identity.get(0),
                rows(),
                payloads(),
                notes(findings),
                Optional.of(heads()),
                PublicKeyLine.parse(identity.get(1)),
                findings);
    }

    private List<String> strings(String sql, int columns) throws SQLException {
        List<String> result = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                for (int i = 1; i <= columns; i++) {
                    result.add(text(rows, i));
                }
            }
        }
        return result;
    }

    private static String text(ResultSet row, int column) throws SQLException {
        @Nullable String value = row.getString(column);
        return value == null ? "" : value;
    }

    private List<Evidence.Row> rows() throws SQLException {
        List<Evidence.Row> result = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select stream, seq, header, entry_hash, prev_hash, commit_hash, leaf_index from ledger_entry")) {
            while (rows.next()) {
                byte @Nullable [] header = rows.getBytes(3);
                long leaf = rows.getLong(7);
                OptionalLong index = rows.wasNull() ? OptionalLong.empty() : OptionalLong.of(leaf);
                result.add(new Evidence.Row(
                        text(rows, 1),
                        rows.getLong(2),
                        header == null ? new byte[0] : header,
                        text(rows, 4),
                        index,
                        Optional.of(new Evidence.Links(text(rows, 5), text(rows, 6)))));
            }
        }
        result.sort(Comparator.<Evidence.Row>comparingLong(row -> row.leaf().orElse(Long.MAX_VALUE))
                .thenComparing(Evidence.Row::place)
                .thenComparingLong(Evidence.Row::seq));
        return result;
    }

    private Map<String, Evidence.Payload> payloads() throws SQLException {
        Map<String, Evidence.Payload> result = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select entry_hash, salt, payload from ledger_payload")) {
            while (rows.next()) {
                result.put(text(rows, 1), new Evidence.Payload(rows.getBytes(2), rows.getBytes(3)));
            }
        }
        return result;
    }

    private List<String> notes(List<Report.Finding> findings) throws SQLException {
        List<String> notes = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("select note, size, root from ledger_checkpoint order by size")) {
            while (rows.next()) {
                String note = text(rows, 1);
                String[] lines = note.split("\n", -1);
                String stated = rows.getLong(2) + " " + text(rows, 3);
                String signed = lines.length < 3 ? "" : lines[1] + " " + Hashes.hex(Hashes.fromBase64(lines[2]));
                if (!stated.equals(signed)) {
                    findings.add(new Report.Finding(
                            Report.Status.BROKEN,
                            "checkpoint",
                            0,
                            "its columns are not what it signs",
                            signed,
                            stated));
                }
                notes.add(note);
            }
        }
        return notes;
    }

    private Map<String, Evidence.Head> heads() throws SQLException {
        Map<String, Evidence.Head> result = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select stream, seq, head from ledger_stream")) {
            while (rows.next()) {
                result.put(text(rows, 1), new Evidence.Head(rows.getLong(2), text(rows, 3)));
            }
        }
        return result;
    }
}
