package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Prints lists of the API: as the API gives them, or as a table with one column for each named value. */
final class Rows {
    /** A column of a table. */
    record Column(String title, Function<JsonNode, String> value) {
        /** The value under a key. */
        static Column of(String title, String key) {
            return new Column(title, item -> text(item.path(key)));
        }

        /** A point in time under a key. */
        static Column time(String title, String key) {
            return new Column(title, item -> Terminal.time(item.path(key)));
        }
    }

    private Rows() {}

    static ObjectNode list(List<JsonNode> items) {
        ObjectNode list = new ObjectMapper().createObjectNode();
        ArrayNode array = list.putArray("items");
        items.forEach(array::add);
        return list;
    }

    /** @param none said when there are no items */
    static void print(CliCommand command, List<JsonNode> items, String none, Column... columns) {
        if (command.json()) {
            command.terminal().json(list(items));
        } else if (items.isEmpty()) {
            command.terminal().line(none);
        } else {
            command.terminal()
                    .table(
                            List.of(columns).stream().map(Column::title).toList(),
                            items.stream()
                                    .map(item -> List.of(columns).stream()
                                            .map(column -> column.value().apply(item))
                                            .toList())
                                    .toList());
        }
    }

    /** The elements of a list; none of what is no list. */
    static List<JsonNode> items(JsonNode array) {
        List<JsonNode> items = new ArrayList<>();
        if (array.isArray()) {
            array.forEach(items::add);
        }
        return items;
    }

    /** A JSON value in few characters; nothing for null. */
    static String text(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (value.isFloatingPointNumber()) {
            return String.format(Locale.ROOT, "%.4f", value.asDouble());
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }
}
