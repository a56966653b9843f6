package dev.perennial.lifecycle.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The lifecycle file that ships as the example. */
final class ExampleFile {
    private ExampleFile() {}

    static Path folder() {
        return Path.of(System.getProperty("perennial.root"), "examples", "flight-delay");
    }

    static String text() {
        try {
            return Files.readString(folder().resolve("lifecycle.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static LifecycleFile parsed() {
        ParseResult result = LifecycleParser.parse(text(), folder());
        return result.file().orElseThrow(() -> new AssertionError(result.problems()));
    }
}
