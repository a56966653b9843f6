package dev.perennial.worker.deploying;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.schema.ColumnSpec;
import dev.perennial.scoring.schema.FieldType;
import dev.perennial.scoring.schema.ScalarType;
import org.jspecify.annotations.Nullable;

/** The example that MLflow's client kept with a model, in whichever of its forms. */
final class LoggedExample {
    private LoggedExample() {}

    /** A body that {@code /invocations} takes; older clients kept the bare data frame. */
    static JsonNode body(JsonNode example) {
        boolean bare = example.isObject() && example.path("data").isArray();
        return bare ? Json.object().set("dataframe_split", example) : example;
    }

    /** The first row by column name; null when the example holds no rows of these columns. */
    static @Nullable ObjectNode row(JsonNode example, LoggedSignature signature) {
        JsonNode body = body(example);
        ObjectNode first = body.path("dataframe_split").isObject()
                ? split(body.get("dataframe_split"))
                : record(body.path("dataframe_records").isArray() ? body.get("dataframe_records") : body.path("instances"));
        if (first == null) {
            return null;
        }
        ObjectNode row = Json.object();
        for (ColumnSpec column : signature.signature().columns()) {
            JsonNode value = value(column, first.path(String.valueOf(column.name())));
            if (value == null) {
                return null;
            }
            row.set(String.valueOf(column.name()), value);
        }
        return row;
    }

    private static @Nullable ObjectNode split(JsonNode split) {
        JsonNode columns = split.path("columns");
        JsonNode data = split.path("data").path(0);
        if (!columns.isArray() || !data.isArray() || data.size() != columns.size()) {
            return null;
        }
        ObjectNode row = Json.object();
        for (int i = 0; i < columns.size(); i++) {
            row.set(columns.get(i).asText(), data.get(i));
        }
        return row;
    }

    private static @Nullable ObjectNode record(JsonNode records) {
        return records instanceof ArrayNode list && list.path(0) instanceof ObjectNode first ? first : null;
    }

    /** Null for a value that is none of the column's type: the example is then no example of these columns. */
    private static @Nullable JsonNode value(ColumnSpec column, JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return Json.parse("null");
        }
        boolean text = column.type() instanceof FieldType.Scalar scalar && scalar.type() == ScalarType.STRING;
        if (text) {
            return value.isTextual() ? value : null;
        }
        return value.isBoolean() ? Json.tree(value.asBoolean() ? 1 : 0) : value.isNumber() ? value : null;
    }
}
