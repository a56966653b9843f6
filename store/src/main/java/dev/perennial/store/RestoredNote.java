package dev.perennial.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.ledger.LedgerEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/** Tells the ledger once that its data directory came out of a backup. */
final class RestoredNote {
    private RestoredNote() {}

    static void tell(DataDirectory directory, Database database, InstantSource clock) {
        Path note = DataDirectory.restoredNote(directory.root());
        if (!Files.isRegularFile(note)) {
            return;
        }
        try {
            ObjectNode body = (ObjectNode) Json.parse(Files.readString(note, StandardCharsets.UTF_8));
            database.writing(tx -> tx.ledger(new LedgerEvent(
                    "system",
                    "system:restore",
                    "system.restore",
                    "backup:" + body.path("set").asText(),
                    clock.millis(),
                    body)));
            Files.delete(note);
        } catch (IOException | ClassCastException e) {
            throw PerennialException.internal("the note of a restore " + note + " cannot be read: " + e, e);
        }
    }
}
