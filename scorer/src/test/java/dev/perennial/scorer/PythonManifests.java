package dev.perennial.scorer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.nio.charset.StandardCharsets;

/** Manifests of Python models that nobody loads. */
public final class PythonManifests {
    private PythonManifests() {}

    /** A model of rows of one number. */
    public static byte[] of(String python, String... requirements) {
        return of(python, Digest.of("an MLmodel"), requirements);
    }

    /** @param mlmodel its only file */
    public static byte[] of(String python, Digest mlmodel, String... requirements) {
        ObjectNode manifest = Json.object().put("format", "python");
        manifest.putArray("signature")
                .addObject()
                .put("name", "x")
                .put("type", "number")
                .put("required", true);
        ObjectNode told = manifest.putObject("python").put("version", python).put("minor", true);
        for (String requirement : requirements) {
            told.withArray("requirements").add(requirement);
        }
        told.putObject("types").put("x", "double");
        manifest.putArray("files")
                .addObject()
                .put("path", "MLmodel")
                .put("digest", mlmodel.hex())
                .put("bytes", 10);
        return manifest.toString().getBytes(StandardCharsets.UTF_8);
    }
}
