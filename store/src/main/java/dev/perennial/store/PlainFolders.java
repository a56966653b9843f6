package dev.perennial.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Where a server keeps artifacts outside its data directory, told there in a small file so that a backup finds them whatever options the
 * server was started with.
 *
 * @param destination the folder that keeps what clients send as plain files
 * @param defaultRoot where new experiments keep their artifacts, as it was given
 */
public record PlainFolders(Optional<Path> destination, Optional<String> defaultRoot) {
    public static final String FILE = "plain-artifacts.json";

    /** Tells it, or takes back what an earlier server told. */
    public void tell(Path dataDir) {
        Path file = dataDir.resolve(FILE);
        try {
            if (destination.isEmpty() && defaultRoot.isEmpty()) {
                Files.deleteIfExists(file);
                return;
            }
            ObjectNode told = Json.object();
            destination.ifPresent(folder ->
                    told.put("destination", folder.toAbsolutePath().normalize().toString()));
            defaultRoot.ifPresent(root -> told.put("defaultRoot", root));
            Path temporary = dataDir.resolve(FILE + ".part");
            Files.writeString(temporary, Json.write(told), StandardCharsets.UTF_8);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw PerennialException.internal("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /** What the last server on a data directory told. */
    public static PlainFolders of(Path dataDir) {
        Path file = dataDir.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return new PlainFolders(Optional.empty(), Optional.empty());
        }
        try {
            JsonNode told = Json.parse(Files.readString(file, StandardCharsets.UTF_8));
            return new PlainFolders(
                    Optional.ofNullable(told.path("destination").textValue()).map(Path::of),
                    Optional.ofNullable(told.path("defaultRoot").textValue()));
        } catch (IOException e) {
            throw PerennialException.internal("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
