package dev.perennial.worker.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Which bytes the input had when its job began. Parts of a file that changed under the job would not belong together. */
final class InputMark {
    private final Path file;
    private final Digest digest;

    private InputMark(Path file, Digest digest) {
        this.file = file;
        this.digest = digest;
    }

    /** Marks the file, or compares it with the mark that an earlier attempt left. */
    static InputMark of(Path folder, Path file) throws IOException {
        Files.createDirectories(folder);
        Path mark = folder.resolve("input.json");
        Digest now = Digest.ofFile(file);
        if (Files.exists(mark)) {
            JsonNode known = Json.parse(Files.readAllBytes(mark));
            InputMark marked =
                    new InputMark(file, new Digest(known.path("digest").asText()));
            marked.compare(now);
            return marked;
        }
        write(mark, Json.object().put("digest", now.hex()));
        return new InputMark(file, now);
    }

    /** Writes a small file that is there wholly or not at all. */
    static void write(Path file, JsonNode body) throws IOException {
        Path growing = file.resolveSibling(file.getFileName() + ".new");
        Files.write(growing, Json.write(body).getBytes(StandardCharsets.UTF_8));
        Parts.durable(growing);
        Files.move(growing, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** @throws StepFailure when the file has other bytes now */
    void refuseChanged() {
        compare(Digest.ofFile(file));
    }

    private void compare(Digest now) {
        if (!now.equals(digest)) {
            throw new StepFailure(
                    StepFailure.Kind.CONTRACT,
                    "the file " + file + " has changed since its job began (sha256 " + digest.shortHex() + ", now "
                            + now.shortHex() + "); start a new job");
        }
    }
}
