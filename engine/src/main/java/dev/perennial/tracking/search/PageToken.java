package dev.perennial.tracking.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sort values of the last row of a page, bound to its search: another search refuses the token. */
final class PageToken {
    private static final int BOUND_LENGTH = 16;

    private PageToken() {}

    static String write(String search, List<SortColumn> columns, List<Object> values) {
        ArrayNode array = Json.array().add(bound(search));
        for (int i = 0; i < columns.size(); i++) {
            switch (columns.get(i).kind()) {
                case INTEGER, TEXT -> array.add(values.get(i).toString());
                case REAL -> array.add(Double.toString((Double) values.get(i)));
            }
        }
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(array.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The values behind which the page starts; none without a token. */
    static List<Object> read(@Nullable String token, String search, List<SortColumn> columns) {
        if (token == null || token.isEmpty()) {
            return List.of();
        }
        JsonNode array = parsed(token);
        if (!array.isArray()
                || array.size() != columns.size() + 1
                || !array.path(0).asText().equals(bound(search))) {
            throw foreign(token);
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            String text = array.get(i + 1).asText();
            try {
                values.add(
                        switch (columns.get(i).kind()) {
                            case INTEGER -> Long.valueOf(text);
                            case REAL -> Double.valueOf(text);
                            case TEXT -> text;
                        });
            } catch (NumberFormatException e) {
                throw foreign(token);
            }
        }
        return values;
    }

    private static JsonNode parsed(String token) {
        try {
            return Json.parse(Base64.getUrlDecoder().decode(token));
        } catch (IllegalArgumentException | PerennialException e) {
            throw foreign(token);
        }
    }

    private static String bound(String search) {
        return Digest.of(search).hex().substring(0, BOUND_LENGTH);
    }

    private static PerennialException foreign(String token) {
        return PerennialException.invalid(
                "page_token",
                "Invalid page token '" + token + "': it does not belong to this search, or the experiments"
                        + " that you may read have changed; start without one");
    }
}
