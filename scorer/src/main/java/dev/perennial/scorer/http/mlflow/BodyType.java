package dev.perennial.scorer.http.mlflow;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a request's content type says of its body. */
enum BodyType {
    JSON,
    CSV;

    private static final String PARQUET = "application/vnd.apache.parquet";

    /**
     * Reads the header.
     *
     * @throws PerennialException with 415 for everything that MLflow refuses, for no header, on which MLflow fails, and for Parquet
     */
    static BodyType of(@Nullable String header) {
        if (header == null || header.isBlank()) {
            throw refused("there is no content type; send application/json or text/csv");
        }
        String[] parts = header.split(";", -1);
        for (int i = 1; i < parts.length; i++) {
            checkParameter(parts[i].strip());
        }
        String type = parts[0].strip().toLowerCase(Locale.ROOT);
        return switch (type) {
            case "application/json" -> JSON;
            case "text/csv" -> CSV;
            case PARQUET ->
                throw refused("Parquet is not read here; send application/json or text/csv, or score the file with"
                        + " 'perennial score', which reads Parquet");
            default ->
                throw refused(
                        "content type '" + shortened(type) + "' is not supported; send application/json or text/csv");
        };
    }

    private static void checkParameter(String parameter) {
        int equals = parameter.indexOf('=');
        String name = (equals < 0 ? parameter : parameter.substring(0, equals)).strip();
        if (!name.equalsIgnoreCase("charset")) {
            throw refused("unrecognized content type parameter '" + shortened(name) + "'; only charset is possible");
        }
        String charset =
                equals < 0 ? "" : parameter.substring(equals + 1).strip().replace("\"", "");
        if (!charset.equalsIgnoreCase("utf-8")) {
            throw refused("the scoring server only supports UTF-8, not '" + shortened(charset) + "'");
        }
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(text.length(), 60)).replaceAll("\\p{Cntrl}", "?");
    }

    private static PerennialException refused(String why) {
        return new PerennialException(ErrorCode.UNSUPPORTED_MEDIA_TYPE, why, "Content-Type", null);
    }
}
