package dev.perennial.scoring.trees;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A JSON document; XGBoost writes NaN and Infinity as words. */
final class JsonTokens implements Tokens {
    private final Refusal refusal;
    private final JsonParser parser;
    /** Whether the current token is still to be read. */
    private boolean ahead;

    JsonTokens(byte[] file, Refusal refusal) {
        this.refusal = refusal;
        try {
            this.parser = Json.mapper().getFactory().createParser(file);
            parser.enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS.mappedFeature());
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    @Override
    public void beginObject() {
        expect(JsonToken.START_OBJECT, "an object");
    }

    @Override
    public @Nullable String name() {
        try {
            return next() == JsonToken.END_OBJECT ? null : parser.currentName();
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    @Override
    public void beginArray() {
        expect(JsonToken.START_ARRAY, "an array");
    }

    @Override
    public boolean element() {
        if (next() == JsonToken.END_ARRAY) {
            return false;
        }
        ahead = true;
        return true;
    }

    @Override
    public String text() {
        JsonToken token = next();
        if (!token.isScalarValue()) {
            throw unexpected("a text");
        }
        try {
            return parser.getText();
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    @Override
    public void numbers(Numbers into) {
        beginArray();
        into.clear();
        for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
            into.add(number(token));
        }
    }

    @Override
    public double number() {
        return number(next());
    }

    private double number(JsonToken token) {
        try {
            return switch (token) {
                case VALUE_NUMBER_INT -> parser.getDoubleValue();
                case VALUE_NUMBER_FLOAT -> parser.getFloatValue();
                case VALUE_TRUE -> 1;
                case VALUE_FALSE -> 0;
                default -> throw unexpected("a number");
            };
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    @Override
    public void skip() {
        next();
        try {
            parser.skipChildren();
            if (parser.currentToken() == null) {
                throw refusal.of("the file ends too early");
            }
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    @Override
    public void end() {
        try {
            if (parser.nextToken() != null) {
                throw unexpected("the end of the file");
            }
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    private void expect(JsonToken wanted, String what) {
        if (next() != wanted) {
            throw unexpected(what);
        }
    }

    private JsonToken next() {
        try {
            JsonToken token = ahead ? parser.currentToken() : parser.nextToken();
            ahead = false;
            if (token == null) {
                throw refusal.of("the file ends too early");
            }
            return token;
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    private PerennialException unexpected(String wanted) {
        return refusal.of("at line " + parser.currentTokenLocation().getLineNr() + ", column "
                + parser.currentTokenLocation().getColumnNr() + " stands no " + wanted.replaceFirst("^(an?|the) ", ""));
    }

    private PerennialException malformed(IOException e) {
        return refusal.of("it is no JSON: "
                + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
}
