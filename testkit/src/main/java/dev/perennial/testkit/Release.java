package dev.perennial.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A database that an earlier release wrote, kept in {@code testkit/releases}; {@code write.py} there makes one.
 *
 * @param commit that wrote it
 * @param schema version of its tables
 */
public record Release(String commit, String schema) {
    private static final String SQLITE = "sqlite";
    private static final String POSTGRES = "postgres";

    /** All releases, oldest first; the list is a file to which each release adds a line. */
    public static List<Release> all() {
        try {
            return Files.readAllLines(folder().resolve("list.txt")).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" "))
                    .map(words -> new Release(words[0], words[1]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folder() {
        String root = System.getProperty("perennial.root", "");
        Path top = root.isEmpty() ? Path.of("").toAbsolutePath().resolveSibling("testkit") : Path.of(root, "testkit");
        return top.resolve("releases");
    }

    /** Makes a data directory as the release left it, with its SQLite file. */
    public JsonNode unpackSqlite(Path dataDir) {
        return unpack(SQLITE, dataDir);
    }

    /** Makes the data directory beside a PostgreSQL database; {@code dump.sql} in it is the database. */
    public JsonNode unpackPostgres(Path dataDir) {
        return unpack(POSTGRES, dataDir);
    }

    /** Returns the facts that must be found again. */
    private JsonNode unpack(String kind, Path dataDir) {
        Path mine = folder().resolve(commit);
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(mine.resolve(kind + ".zip")))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = dataDir.resolve(entry.getName()).normalize();
                if (!file.startsWith(dataDir)) {
                    throw new IOException(entry.getName() + " leads out of the folder");
                }
                Files.createDirectories(file.resolveSibling("."));
                Files.copy((InputStream) zip, file);
            }
            return Json.parse(Files.readAllBytes(mine.resolve(kind + ".json")));
        } catch (IOException e) {
            throw new UncheckedIOException("the kept release " + mine + " cannot be unpacked", e);
        }
    }
}
