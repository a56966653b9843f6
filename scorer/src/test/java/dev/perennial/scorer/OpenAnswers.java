package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** Reads the answers of a scorer and makes requests for it. */
final class OpenAnswers {
    static final String LENGTH = "Inference-Header-Content-Length";
    static final int BODY_MAX = 2 << 20;

    private OpenAnswers() {}

    static JsonNode json(HttpResponse<byte[]> reply) {
        assertThat(reply.statusCode()).as(text(reply)).isEqualTo(200);
        assertThat(reply.headers().firstValue("Content-Type")).contains("application/json");
        return Json.parse(reply.body());
    }

    static String text(HttpResponse<byte[]> reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    static void refused(HttpResponse<byte[]> reply, int status, String message) {
        assertThat(reply.statusCode()).as(text(reply)).isEqualTo(status);
        assertThat(reply.headers().firstValue("Content-Type")).contains("application/json");
        JsonNode body = Json.parse(reply.body());
        assertThat(body.properties()).hasSize(1);
        assertThat(body.get("error").asText()).contains(message);
        assertThat(reply.headers().firstValue("Inference-Header-Content-Length"))
                .isEmpty();
    }

    static byte[] joined(String json, byte[] binary) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(json.getBytes(StandardCharsets.UTF_8));
        all.writeBytes(binary);
        return all.toByteArray();
    }

    static String row(String... more) {
        return "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1.5]},"
                + "{\"name\":\"c\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"a\"]}]" + String.join("", more)
                + "}";
    }
}
