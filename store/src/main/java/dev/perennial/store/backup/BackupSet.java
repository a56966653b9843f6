package dev.perennial.store.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one complete backup holds; the last file that is written into it.
 *
 * @param name of its folder, the UTC time at which it began
 * @param createdAt epoch milliseconds
 * @param dialect {@code SQLITE} or {@code POSTGRESQL}
 * @param schema version of the database's tables
 * @param files everything in its folder but this manifest, by path
 * @param blobs how many blobs belong to it
 * @param blobBytes their size together
 * @param missing blobs that the database names and the installation had lost or damaged when the backup was taken
 * @param artifacts the plain files of the artifacts' destination; null when the server had none
 * @param root the plain files of the default artifact root; null when it was no folder of the machine
 */
public record BackupSet(
        int format,
        String name,
        long createdAt,
        String dialect,
        String schema,
        List<Entry> files,
        long blobs,
        long blobBytes,
        List<String> missing,
        @Nullable PlainFiles artifacts,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable PlainFiles root) {
    /** Of sets without a list of plain files; programs before that list read them too. */
    static final int FORMAT = 1;

    /** Of sets with one, of the artifacts' destination. */
    static final int FORMAT_WITH_PLAIN_FILES = 2;

    /** Of sets with one of the default artifact root, which programs before would pass over in silence. */
    static final int FORMAT_WITH_ROOT = 3;

    static final String FILE = "manifest.json";
    static final String BLOB_LIST = "blobs.txt";

    public BackupSet {
        files = List.copyOf(files);
        missing = List.copyOf(missing);
    }

    /**
     * Artifacts that lay as plain files outside the data directory.
     *
     * @param folder where they were
     * @param included whether they are in the backup; they are not when whoever took it said so
     */
    public record PlainFiles(String folder, boolean included, long files, long bytes) {}

    /** The plain files of one place. */
    @Nullable
    PlainFiles of(PlainPlace place) {
        return place == PlainPlace.ROOT ? root : artifacts;
    }

    /** The format that tells of these plain files. */
    static int format(@Nullable PlainFiles artifacts, @Nullable PlainFiles root) {
        if (root != null) {
            return FORMAT_WITH_ROOT;
        }
        return artifacts != null && artifacts.included() ? FORMAT_WITH_PLAIN_FILES : FORMAT;
    }

    /**
     * One file.
     *
     * @param path below the folder of the set, with {@code /}
     */
    public record Entry(String path, long size, String digest) {}

    static BackupSet read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            BackupSet set = Json.read(Files.readString(file, StandardCharsets.UTF_8), BackupSet.class);
            if (set.format() < FORMAT || set.format() > FORMAT_WITH_ROOT) {
                throw PerennialException.state("the backup " + folder + " has format " + set.format()
                        + ", this program reads formats " + FORMAT + " to " + FORMAT_WITH_ROOT
                        + "; restore it with the program that wrote it");
            }
            return set;
        } catch (IOException e) {
            throw PerennialException.state(
                    "the backup " + folder + " is damaged: " + file + " cannot be read (" + e.getMessage() + ")");
        } catch (PerennialException e) {
            throw PerennialException.state("the backup " + folder + " is damaged: " + file + ": " + e.getMessage());
        }
    }
}
