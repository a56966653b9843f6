package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the columns of a body, whichever of the four formats it has. Used for one body; not thread-safe. */
final class Frames {
    private static final Set<String> SPLIT = Set.of("columns", "data", "index");

    private final MlflowSignature signature;
    private final boolean strict;
    private final int rowsMax;

    Frames(MlflowSignature signature, boolean strict, int rowsMax) {
        this.signature = signature;
        this.strict = strict;
        this.rowsMax = rowsMax;
    }

    RawFrame read(ServingBody body) {
        return switch (body.format()) {
            case DATAFRAME_SPLIT -> split(body.data());
            case DATAFRAME_RECORDS -> records(body.data(), "dataframe_records", Form.FRAME);
            case INSTANCES -> instances(body.data());
            case INPUTS -> inputs(body.data());
        };
    }

    private void checkRows(String field, int rows) {
        if (rows > rowsMax) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE,
                    field + ": " + rows + " rows; at most " + rowsMax + " are possible in one request (--batch-rows)",
                    field,
                    null);
        }
    }

    private RawFrame split(JsonNode data) {
        String at = "dataframe_split";
        if (!data.isObject()) {
            throw Refusals.unreadable(at, "it must be an object of columns and data, got " + Values.kind(data));
        }
        data.fieldNames().forEachRemaining(name -> {
            if (!SPLIT.contains(name)) {
                throw Refusals.unreadable(
                        at, "unknown member '" + Values.shortened(name) + "'; there are columns, data, index");
            }
        });
        JsonNode rows = data.path("data");
        if (!rows.isArray()) {
            throw Refusals.unreadable(at + ".data", "it must be a list of rows, got " + Values.kind(rows));
        }
        checkRows(at, rows.size());
        JsonNode index = data.path("index");
        if (index.isArray() && index.size() != rows.size()) {
            throw Refusals.unreadable(at + ".index", index.size() + " labels for " + rows.size() + " rows");
        }
        List<String> names = names(data.path("columns"), width(rows));
        Map<String, List<JsonNode>> columns = new LinkedHashMap<>();
        for (String name : names) {
            if (columns.put(name, new ArrayList<>(rows.size())) != null) {
                throw Refusals.unreadable(at + ".columns", "'" + Values.shortened(name) + "' stands twice");
            }
        }
        List<List<JsonNode>> lists = List.copyOf(columns.values());
        for (int row = 0; row < rows.size(); row++) {
            JsonNode cells = rows.get(row);
            int size = cells.isArray() ? cells.size() : 1;
            if (size != lists.size() && (strict || size > lists.size())) {
                throw Refusals.unreadable(
                        at + ".data[" + row + "]", "it has " + size + " values for " + lists.size() + " columns");
            }
            for (int i = 0; i < lists.size(); i++) {
                JsonNode cell = !cells.isArray() && i == 0 ? cells : cells.path(i);
                lists.get(i).add(cell.isMissingNode() ? NullNode.getInstance() : cell);
            }
        }
        return new RawFrame(Form.FRAME, rows.size(), columns);
    }

    private static int width(JsonNode rows) {
        int width = 0;
        for (JsonNode row : rows) {
            width = Math.max(width, row.isArray() ? row.size() : 1);
        }
        return width;
    }

    private static List<String> names(JsonNode columns, int width) {
        List<String> names = new ArrayList<>();
        if (columns.isMissingNode() || columns.isNull()) {
            for (int i = 0; i < width; i++) {
                names.add(Integer.toString(i));
            }
            return names;
        }
        if (!columns.isArray()) {
            throw Refusals.unreadable(
                    "dataframe_split.columns", "it must be a list of names, got " + Values.kind(columns));
        }
        for (JsonNode name : columns) {
            if (!name.isTextual() && !name.isNumber()) {
                throw Refusals.unreadable("dataframe_split.columns", Values.kind(name) + " is no name");
            }
            names.add(name.asText());
        }
        return names;
    }

    private RawFrame records(JsonNode data, String at, Form form) {
        if (!data.isArray()) {
            throw Refusals.unreadable(at, "it must be a list of records, got " + Values.kind(data));
        }
        checkRows(at, data.size());
        Map<String, List<JsonNode>> columns = new LinkedHashMap<>();
        int row = 0;
        for (JsonNode record : data) {
            if (!record.isObject()) {
                throw Refusals.unreadable(at + "[" + row + "]", "it must be an object, got " + Values.kind(record));
            }
            int before = row;
            record.properties().forEach(member -> {
                List<JsonNode> column = columns.computeIfAbsent(member.getKey(), name -> new ArrayList<>());
                fill(column, before);
                column.add(member.getValue());
            });
            row++;
        }
        int rows = row;
        columns.values().forEach(column -> fill(column, rows));
        return new RawFrame(form, rows, columns);
    }

    private static void fill(List<JsonNode> column, int rows) {
        while (column.size() < rows) {
            column.add(MissingNode.getInstance());
        }
    }

    private RawFrame instances(JsonNode data) {
        String at = "instances";
        if (data.isArray() && !data.isEmpty() && data.get(0).isObject()) {
            RawFrame frame = records(data, at, Form.ARRAY);
            frame.columns().forEach((name, values) -> {
                if (values.stream().anyMatch(JsonNode::isMissingNode)) {
                    throw Refusals.unreadable(
                            at + "." + Values.shortened(name), "not all instances have it, so that its length differs");
                }
            });
            return frame;
        }
        return data.isObject() ? columns(data, at) : arrays(data, at);
    }

    private RawFrame inputs(JsonNode data) {
        String at = "inputs";
        if (data.isObject()) {
            return columns(data, at);
        }
        boolean records = data.isArray() && !data.isEmpty();
        for (JsonNode item : data) {
            records &= item.isObject();
        }
        return records ? records(data, at, Form.ARRAY) : arrays(data, at);
    }

    /** By column: lists of the same length, or one value each, which is one row. */
    private RawFrame columns(JsonNode data, String at) {
        if (signature.columns().stream().anyMatch(Frames::holdsLists)) {
            Map<String, List<JsonNode>> row = new LinkedHashMap<>();
            data.properties().forEach(column -> row.put(column.getKey(), List.of(column.getValue())));
            return new RawFrame(Form.ARRAY, 1, row);
        }
        int rows = -1;
        String first = "";
        for (Map.Entry<String, JsonNode> column : data.properties()) {
            if (!column.getValue().isArray()) {
                continue;
            }
            int size = column.getValue().size();
            if (rows >= 0 && size != rows) {
                throw Refusals.unreadable(
                        at + "." + Values.shortened(column.getKey()),
                        "it has " + size + " values, " + Values.shortened(first) + " has " + rows);
            }
            rows = size;
            first = column.getKey();
        }
        int count = rows < 0 ? 1 : rows;
        checkRows(at, count);
        Map<String, List<JsonNode>> columns = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> column : data.properties()) {
            JsonNode value = column.getValue();
            if (!value.isArray() && rows >= 0 && strict) {
                throw Refusals.unreadable(
                        at + "." + Values.shortened(column.getKey()),
                        "it is one value beside lists of " + rows + "; send a list of as many");
            }
            List<JsonNode> values = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                values.add(value.isArray() ? value.get(i) : value);
            }
            columns.put(column.getKey(), values);
        }
        return new RawFrame(Form.ARRAY, columns.isEmpty() ? 0 : count, columns);
    }

    /** MLflow takes the object for one row as soon as a column is a list or an object itself. */
    private static boolean holdsLists(ColumnSpec spec) {
        return spec.type() instanceof FieldType.ArrayOf || spec.type() instanceof FieldType.ObjectOf;
    }

    /** Values without names: of the one column that there is, or by position. */
    private RawFrame arrays(JsonNode data, String at) {
        List<ColumnSpec> specs = signature.columns();
        String only = specs.size() == 1 ? specs.getFirst().name() : null;
        int rows = data.isArray() ? data.size() : 1;
        checkRows(at, rows);
        Map<String, List<JsonNode>> columns = new LinkedHashMap<>();
        if (rows == 0 && only == null) {
            return new RawFrame(Form.ARRAY, 0, columns);
        }
        if (data.isArray() && only != null) {
            List<JsonNode> values = new ArrayList<>();
            data.forEach(values::add);
            columns.put(only, values);
            return new RawFrame(Form.ARRAY, rows, columns);
        }
        if (signature.named()) {
            throw Refusals.violation(
                    at, "values without names fit a model of one column only; this one has " + specs.size());
        }
        for (int i = 0; i < rows; i++) {
            JsonNode row = data.isArray() ? data.get(i) : data;
            position(columns, row, i);
        }
        columns.forEach((name, values) -> {
            if (values.size() != rows) {
                throw Refusals.unreadable(at, "its rows are not equally long");
            }
        });
        return new RawFrame(Form.ARRAY, rows, columns);
    }

    private static void position(Map<String, List<JsonNode>> columns, JsonNode row, int at) {
        int width = row.isArray() ? row.size() : 1;
        for (int i = 0; i < width; i++) {
            @Nullable JsonNode cell = row.isArray() ? row.get(i) : row;
            List<JsonNode> values = columns.computeIfAbsent(Integer.toString(i), name -> new ArrayList<>());
            if (values.size() == at && cell != null) {
                values.add(cell);
            }
        }
    }
}
