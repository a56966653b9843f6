package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import java.util.Map;

/**
 * The columns of a body as they came, before any cast.
 *
 * @param columns by name, in the order of the body, each with one value for each row; a missing node where a record does not name it
 */
public record RawFrame(Form form, int rows, Map<String, List<JsonNode>> columns) {
    /** A value as it came; a missing node when there is no such column. */
    public JsonNode value(String name, int row) {
        List<JsonNode> column = columns.get(name);
        return column == null ? MissingNode.getInstance() : column.get(row);
    }
}
