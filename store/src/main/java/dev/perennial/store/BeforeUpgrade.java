package dev.perennial.store;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies of a SQLite database as it was before a newer program changed its tables, in {@code DATA/before-upgrade}; the last two stay. */
final class BeforeUpgrade {
    private static final Logger LOG = LoggerFactory.getLogger(BeforeUpgrade.class);
    private static final int KEPT = 2;

    private final Path database;
    private final Path folder;

    BeforeUpgrade(DataDirectory directory) {
        this.database = directory.database();
        this.folder = directory.root().resolve("before-upgrade");
    }

    /** Copies the database; it is there whole or not at all. */
    void keep(String version) {
        Path copy = folder.resolve("perennial-" + version + ".db");
        Path part = folder.resolve("perennial.part");
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(part);
            try (Connection connection = DriverManager.getConnection(SqliteDatabase.writerUrl(database));
                    Statement statement = connection.createStatement()) {
                statement.execute("vacuum into '" + part.toString().replace("'", "''") + "'");
            }
            Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            LOG.info("the database of version {} is kept in {} before it is brought to a newer one", version, copy);
            forgetOlder();
        } catch (IOException | SQLException e) {
            throw new PerennialException(
                    ErrorCode.INVALID_STATE,
                    "the database cannot be copied to " + copy + " before the upgrade: " + e.getMessage()
                            + "; nothing was changed, free space and start again",
                    null,
                    e);
        }
    }

    private void forgetOlder() throws IOException {
        List<Path> copies = copies();
        for (Path old : copies.subList(Math.min(KEPT, copies.size()), copies.size())) {
            Files.delete(old);
        }
    }

    /** Newest first. */
    private List<Path> copies() throws IOException {
        record Copy(Path file, FileTime at) {}
        List<Copy> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "perennial-*.db")) {
                for (Path file : files) {
                    found.add(new Copy(file, Files.getLastModifiedTime(file)));
                }
            }
        }
        return found.stream()
                .sorted(Comparator.comparing(Copy::at).reversed())
                .map(Copy::file)
                .toList();
    }

    /** Where older copies lie, as the end of a sentence. */
    String told() {
        try {
            List<Path> copies = copies();
            return copies.isEmpty() ? "" : "; the database as it was before lies in " + copies.getFirst();
        } catch (IOException e) {
            return "";
        }
    }
}
