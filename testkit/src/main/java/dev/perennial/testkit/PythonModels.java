package dev.perennial.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Models of MLflow's flavor {@code python_function}, saved by MLflow itself ({@code testkit/python/python_models.py} says which), and a
 * prepared environment that has what they need.
 */
public final class PythonModels {
    private static final int FOLDER_DIGITS = 2;

    private final Path folder;
    private final String python;

    private PythonModels(Path folder, String python) {
        this.folder = folder;
        this.python = python;
    }

    /** Saves these models, which takes some seconds; where there is no Python for it the test is skipped. */
    public static PythonModels make(Path folder, String... names) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        List<String> arguments = new ArrayList<>(List.of(folder.toString()));
        arguments.addAll(List.of(names));
        PythonScript.SCORING.run(folder, "python_models.py", arguments.toArray(String[]::new));
        return new PythonModels(folder, PythonScript.SCORING.python());
    }

    /** What the model's files say: {@code inputs}, {@code outputs}, {@code python}, {@code requirements}; and what MLflow predicts. */
    public JsonNode told(String model) throws IOException {
        return Json.parse(Files.readString(folder.resolve(model).resolve("told.json")));
    }

    /** Puts the files of a model into a store of blobs; says path, digest and bytes of each. */
    public ArrayNode store(String model, Path blobs) throws IOException {
        Path root = folder.resolve(model).resolve("model");
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        ArrayNode entries = Json.array();
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            Digest digest = put(blobs, bytes);
            entries.addObject()
                    .put("path", root.relativize(file).toString())
                    .put("digest", digest.hex())
                    .put("bytes", bytes.length);
        }
        return entries;
    }

    /** Puts bytes into a store of blobs. */
    public static Digest put(Path blobs, byte[] bytes) throws IOException {
        Digest digest = Digest.of(bytes);
        Path blob = blobs.resolve(digest.hex().substring(0, FOLDER_DIGITS))
                .resolve(digest.hex().substring(FOLDER_DIGITS));
        Files.createDirectories(blob.getParent());
        Files.write(blob, bytes);
        return digest;
    }

    /** Makes the environment in which they were saved look like one that was prepared; gives its digest. */
    public String environment(Path environments) throws IOException {
        return environment(environments, "exec " + python + " \"$@\"");
    }

    /**
     * Makes a prepared environment of a shell script.
     *
     * @param script what its interpreter does
     */
    public static String environment(Path environments, String script) throws IOException {
        String digest = Digest.of(script).hex();
        Path bin = Files.createDirectories(environments.resolve(digest).resolve("bin"));
        Path interpreter = Files.writeString(bin.resolve("python"), "#!/bin/sh\n" + script + "\n");
        if (!interpreter.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + interpreter + " executable");
        }
        ObjectNode complete = Json.object().put("python", "3.11.7");
        Files.writeString(environments.resolve(digest).resolve("complete.json"), complete.toString());
        return digest;
    }
}
