package dev.perennial.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.ledger.LedgerEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.List;

/**
 * How the ledger learns of backups. They are taken by a process of its own, also when no server runs, and the ledger has one writer: so a
 * backup leaves a note in the data directory, and the server tells the ledger and deletes it. A note that was told when its server died is
 * remembered, and is not told twice.
 */
public final class BackupNotes {
    /** Folder of the notes, in the data directory. */
    public static final String FOLDER = "backups-made";

    private static final String ENDING = ".json";

    private BackupNotes() {}

    /**
     * Leaves a note.
     *
     * @param object as the ledger names the backup, {@code backup:SET}
     */
    public static void leave(Path dataDir, String object, ObjectNode payload) throws IOException {
        Path folder = Files.createDirectories(dataDir.resolve(FOLDER));
        Path temporary = Files.createTempFile(folder, object.substring(object.indexOf(':') + 1), ".part");
        Files.writeString(
                temporary,
                Json.write(Json.object().put("object", object).set("payload", payload)),
                StandardCharsets.UTF_8);
        String name = temporary.getFileName().toString().replace(".part", ENDING);
        Files.move(temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Tells the ledger what backups have left. One server at a time: the one that leads. */
    public static void tell(Path dataDir, Database database, InstantSource clock) {
        Path folder = dataDir.resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var files = Files.list(folder)) {
            List<Path> notes = files.filter(file -> file.toString().endsWith(ENDING))
                    .sorted()
                    .toList();
            for (Path note : notes) {
                tellOne(note, database, clock);
            }
        } catch (IOException e) {
            throw PerennialException.internal("the notes of backups in " + folder + " cannot be read: " + e, e);
        }
    }

    private static void tellOne(Path note, Database database, InstantSource clock) throws IOException {
        JsonNode read = Json.parse(Files.readString(note, StandardCharsets.UTF_8));
        String object = read.path("object").asText();
        if (object.isEmpty() || !read.path("payload").isObject()) {
            throw PerennialException.state(note + " is no note of a backup; remove it");
        }
        JsonNode payload = read.path("payload");
        database.writing(tx -> {
            boolean told = tx.sql()
                            .createUpdate(
                                    "insert into told_backup (note, at) values (:note, :at) on conflict do nothing")
                            .bind("note", note.getFileName().toString())
                            .bind("at", clock.millis())
                            .execute()
                    == 0;
            if (!told) {
                tx.ledger(new LedgerEvent("system", "system:backup", "system.backup", object, clock.millis(), payload));
            }
        });
        Files.delete(note);
    }
}
