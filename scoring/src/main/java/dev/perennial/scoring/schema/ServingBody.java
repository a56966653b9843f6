package dev.perennial.scoring.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.JsonWords;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JSON body of MLflow's scoring protocol. Numbers keep all their digits, and the words NaN and Infinity are understood, as Python
 * writes them.
 *
 * @param format which of the four members holds the data
 * @param data what that member holds
 * @param params the member {@code params}; null when there is none
 */
public record ServingBody(
        Format format, JsonNode data, @Nullable JsonNode params) {
    private static final int DEPTH_MAX = 64;
    private static final int STRING_MAX = 1 << 20;
    private static final int NAME_MAX = 1 << 10;
    private static final int NUMBER_MAX = 400;
    private static final long TOKENS_MAX = 1_000_000;
    private static final List<String> LANGUAGE_MODEL = List.of("messages", "prompt", "input");

    private static final JsonMapper LAST_WINS = mapper(false);
    private static final JsonMapper NO_DUPLICATES = mapper(true);

    /** The members that may hold the data. */
    public enum Format {
        DATAFRAME_SPLIT,
        DATAFRAME_RECORDS,
        INSTANCES,
        INPUTS;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private static JsonMapper mapper(boolean strict) {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEPTH_MAX)
                        .maxStringLength(STRING_MAX)
                        .maxNameLength(NAME_MAX)
                        .maxNumberLength(NUMBER_MAX)
                        .maxTokenCount(TOKENS_MAX)
                        .build())
                .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, strict)
                .configure(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS, true)
                .build();
        return JsonMapper.builder(factory)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .build();
    }

    /**
     * Reads a body.
     *
     * @param strict whether a name that stands twice in an object is refused; else the last value holds, as in Python
     * @throws PerennialException when it is no such body
     */
    public static ServingBody read(byte[] body, boolean strict) {
        checkUtf8(body);
        JsonNode root = parse(body, strict);
        if (!root.isObject()) {
            throw Refusals.unreadable(
                    "body", "it must be an object with exactly one of " + words() + ", got " + Values.kind(root));
        }
        for (String name : LANGUAGE_MODEL) {
            if (root.has(name)) {
                throw new PerennialException(
                        ErrorCode.NOT_IMPLEMENTED,
                        name + ": requests to language models (messages, prompt, input) are not answered here; send "
                                + words(),
                        name,
                        null);
            }
        }
        List<Format> present = java.util.stream.Stream.of(Format.values())
                .filter(format -> root.has(format.word()))
                .toList();
        if (present.size() != 1) {
            throw Refusals.unreadable(
                    "body",
                    "it must hold exactly one of " + words() + ", but holds "
                            + (present.isEmpty()
                                    ? "none"
                                    : present.stream().map(Format::word).toList()));
        }
        Format format = present.getFirst();
        boolean array = format == Format.INSTANCES || format == Format.INPUTS;
        if (array && root.has("signature_name")) {
            throw Refusals.unreadable("signature_name", "it is not supported");
        }
        return new ServingBody(format, root.get(format.word()), root.get("params"));
    }

    /** Refuses bytes that are not UTF-8. */
    static void checkUtf8(byte[] body) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
        } catch (CharacterCodingException e) {
            throw Refusals.unreadable("body", "it is not valid UTF-8");
        }
    }

    private static String words() {
        return "dataframe_split, dataframe_records, instances, inputs";
    }

    private static JsonNode parse(byte[] body, boolean strict) {
        JsonMapper mapper = strict ? NO_DUPLICATES : LAST_WINS;
        try (JsonParser parser = new Signed(mapper.createParser(body))) {
            JsonNode root = mapper.readTree(parser);
            if (root == null) {
                throw Refusals.unreadable("body", "it is empty");
            }
            if (parser.nextToken() != null) {
                throw Refusals.unreadable("body", "something follows the closing brace");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw Refusals.unreadable("body", "not valid JSON: " + JsonWords.whyAndWhere(e));
        } catch (NumberFormatException e) {
            throw Refusals.unreadable("body", "it holds a number whose exponent is too large");
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
    }

    /** Says of a negative zero that it is no decimal number, whose zero has no sign, so that it is read as a double. */
    private static final class Signed extends JsonParserDelegate {
        Signed(JsonParser parser) {
            super(parser);
        }

        @Override
        public boolean isNaN() throws IOException {
            return super.isNaN() || getText().startsWith("-") && zero(getText());
        }

        private static boolean zero(String number) {
            for (int i = 1; i < number.length() && number.charAt(i) != 'e' && number.charAt(i) != 'E'; i++) {
                if (number.charAt(i) >= '1' && number.charAt(i) <= '9') {
                    return false;
                }
            }
            return true;
        }
    }
}
