package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.MessageBodyReader;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads the body of every route of the API in one way: valid UTF-8, one JSON object, no key twice, no key that {@link Keys} does not
 * name, no NUL in any text. Whatever else comes is a 400 that says what was wrong.
 */
@Provider
@Consumes(MediaType.APPLICATION_JSON)
public class JsonBodyReader implements MessageBodyReader<JsonNode> {
    private static final int BYTES_MAX = 16 << 20;
    private static final String BODY = "body";

    @Override
    public boolean isReadable(Class<?> type, Type generic, Annotation[] annotations, MediaType mediaType) {
        return type == JsonNode.class;
    }

    @Override
    public JsonNode readFrom(
            Class<JsonNode> type,
            Type generic,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, String> headers,
            InputStream in)
            throws IOException {
        ObjectNode body = object(in.readNBytes(BYTES_MAX + 1));
        texts(BODY, body);
        for (Annotation annotation : annotations) {
            if (annotation instanceof Keys keys) {
                known(body, List.of(keys.value()));
            }
        }
        return body;
    }

    private static ObjectNode object(byte[] bytes) {
        if (bytes.length > BYTES_MAX) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE, "the body is larger than " + BYTES_MAX + " bytes", BODY, null);
        }
        if (bytes.length == 0) {
            throw malformed("the body is empty; a JSON object is needed");
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            throw malformed("the body is not valid UTF-8");
        }
        if (Json.parse(bytes) instanceof ObjectNode object) {
            return object;
        }
        throw malformed("the body must be a JSON object");
    }

    /** A text with a NUL or half a character cannot be stored everywhere. */
    private static void texts(String at, JsonNode node) {
        if (node.isTextual()) {
            stored(at, node.asText());
        }
        int index = 0;
        for (JsonNode item : node.isArray() ? node : Json.array()) {
            texts(at + "[" + index++ + "]", item);
        }
        node.properties().forEach(entry -> {
            stored(at, entry.getKey());
            texts(at.equals(BODY) ? entry.getKey() : at + "." + entry.getKey(), entry.getValue());
        });
    }

    private static void stored(String at, String text) {
        if (text.indexOf(0) >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw PerennialException.invalid(at, "'" + at + "' holds a NUL or half a character; send text");
        }
    }

    private static void known(ObjectNode body, List<String> names) {
        body.fieldNames().forEachRemaining(name -> {
            if (!names.contains(name)) {
                throw PerennialException.invalid(name, "unknown key '" + name + "'; this route takes " + names);
            }
        });
    }

    private static PerennialException malformed(String message) {
        return new PerennialException(ErrorCode.MALFORMED_REQUEST, message, BODY, null);
    }
}
