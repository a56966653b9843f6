package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Messages on their way, kept in a temporary file between the look at all of them and the copying, so that memory does not grow with them. */
final class MessageSpool implements AutoCloseable {
    private final ObjectMapper mapper = new ObjectMapper();
    private final Path file;
    private final BufferedWriter lines;

    MessageSpool() {
        try {
            this.file = Files.createTempFile("perennial-import", ".jsonl");
            this.lines = Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void add(JsonNode message) {
        try {
            lines.write(message.toString());
            lines.newLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives all of them back, a few at a time, in the order of {@link #add}. */
    void batches(int size, Consumer<List<JsonNode>> visitor) {
        try {
            lines.flush();
            try (BufferedReader reader = Files.newBufferedReader(file)) {
                List<JsonNode> batch = new ArrayList<>();
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    batch.add(mapper.readTree(line));
                    if (batch.size() == size) {
                        visitor.accept(batch);
                        batch = new ArrayList<>();
                    }
                }
                if (!batch.isEmpty()) {
                    visitor.accept(batch);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            lines.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }
}
