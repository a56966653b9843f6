package dev.perennial.scorer.http;

import dev.perennial.scorer.serving.Call;
import dev.perennial.scorer.serving.Payload;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** What a caller says by headers, which are also the metadata of gRPC, and by a parameter about who shall answer. Stateless. */
public final class Chosen {
    /** Names the caller for the split: one who sends the same key stays with the same version while shares grow. */
    public static final String KEY = "X-Perennial-Key";

    /** The same as a parameter of an Open Inference request, where no header says it. */
    public static final String PARAMETER = "perennial_key";

    /** Forces a version, as a version in the path does. */
    public static final String VERSION = "X-Perennial-Version";

    private static final CharSequence KEY_HEADER = HttpHeaders.createOptimized(KEY);
    private static final CharSequence VERSION_HEADER = HttpHeaders.createOptimized(VERSION);
    private static final int CHARS_MAX = 512;

    private Chosen() {}

    /** The version that a caller asks for; null when the split shall choose. */
    public static @Nullable String version(HttpServerRequest request) {
        return header(request, VERSION, VERSION_HEADER);
    }

    /**
     * The version of the path, or else that of the header.
     *
     * @param path null when the path names none
     */
    public static @Nullable String version(HttpServerRequest request, @Nullable String path) {
        return path == null ? version(request) : path;
    }

    /** What a body says, for the caller whom the header names; without it for whom the body itself names. */
    public static Call.Reading keyed(HttpServerRequest request, Call.Reading reading) {
        String key = header(request, KEY, KEY_HEADER);
        return key == null ? reading : endpoint -> keyed(key, reading.read(endpoint));
    }

    /** A payload for the caller whom the key names; null leaves it as it is. */
    public static Payload keyed(@Nullable String key, Payload payload) {
        if (key == null) {
            return payload;
        }
        return switch (payload) {
            case Payload.Rows rows -> new Payload.Rows(rows.rows(), key);
            case Payload.Tensors tensors -> new Payload.Tensors(tensors.inputs(), key);
        };
    }

    /**
     * A key that stands in a request.
     *
     * @param field where
     */
    public static String checked(String field, String key) {
        if (key.isBlank() || key.length() > CHARS_MAX) {
            throw Problems.one(field, "expected a text of 1 to " + CHARS_MAX + " characters");
        }
        return key;
    }

    private static @Nullable String header(HttpServerRequest request, String name, CharSequence header) {
        String value = request.getHeader(header);
        if (value == null || value.isBlank()) {
            return null;
        }
        if (value.length() > CHARS_MAX) {
            throw Problems.one(name, "the header has " + value.length() + " characters; at most 512 are possible");
        }
        return value;
    }
}
