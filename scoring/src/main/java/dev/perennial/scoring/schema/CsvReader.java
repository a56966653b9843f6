package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * CSV with a header line: fields divided by commas, quotes doubled within quotes, lines ended by LF, CR or both, empty lines left out. A
 * field without any character is null, a quoted one an empty text. Used for one body; not thread-safe.
 */
final class CsvReader {
    private static final int COLUMNS_MAX = 20_000;
    private static final char BYTE_ORDER_MARK = '\ufeff';

    private final String text;
    private final boolean strict;
    private final int rowsMax;
    private int at;
    private int line = 1;
    /** The line in which the present record begins. */
    private int began = 1;

    private CsvReader(String text, boolean strict, int rowsMax) {
        this.text = text;
        this.strict = strict;
        this.rowsMax = rowsMax;
        this.at = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? 1 : 0;
    }

    static RawFrame read(byte[] body, boolean strict, int rowsMax) {
        ServingBody.checkUtf8(body);
        return new CsvReader(new String(body, StandardCharsets.UTF_8), strict, rowsMax).frame();
    }

    private RawFrame frame() {
        List<JsonNode> header = record();
        if (header == null) {
            throw Refusals.unreadable("body", "there is no header line");
        }
        Map<String, List<JsonNode>> columns = new LinkedHashMap<>();
        for (int i = 0; i < header.size(); i++) {
            name(columns, header.get(i), i);
        }
        List<List<JsonNode>> lists = List.copyOf(columns.values());
        int rows = 0;
        int index = 0;
        for (List<JsonNode> fields = record(); fields != null; fields = record()) {
            if (rows == rowsMax) {
                throw new PerennialException(
                        ErrorCode.TOO_LARGE,
                        "body: more than " + rowsMax + " rows (--batch-rows); send them in several requests",
                        "body",
                        null);
            }
            if (rows == 0 && !strict) {
                index = Math.max(0, fields.size() - lists.size()); // pandas takes the first ones for row labels
            }
            add(lists, fields, rows, index);
            rows++;
        }
        return new RawFrame(Form.CSV, rows, columns);
    }

    private void add(List<List<JsonNode>> lists, List<JsonNode> fields, int row, int index) {
        int size = fields.size() - index;
        if (size > lists.size() || strict && size < lists.size()) {
            throw Refusals.unreadable(
                    "row " + row,
                    "it has " + fields.size() + " fields, the header has " + lists.size() + " (line " + began + ")");
        }
        for (int i = 0; i < lists.size(); i++) {
            lists.get(i).add(i < size ? fields.get(index + i) : NullNode.getInstance());
        }
    }

    /** Names as pandas gives them: a column without one is called by its position, a second one of a name gets a number. */
    private void name(Map<String, List<JsonNode>> columns, JsonNode field, int position) {
        if (position >= COLUMNS_MAX) {
            throw Refusals.unreadable("body", "more than " + COLUMNS_MAX + " columns");
        }
        String name = field.isTextual() && !field.textValue().isEmpty() ? field.textValue() : "Unnamed: " + position;
        if (columns.containsKey(name) && strict) {
            throw Refusals.unreadable("body", "the column '" + Values.shortened(name) + "' stands twice in the header");
        }
        String free = name;
        for (int i = 1; columns.containsKey(free); i++) {
            free = name + "." + i;
        }
        columns.put(free, new ArrayList<>());
    }

    /** The fields of the next line that is not empty; null at the end. */
    private @Nullable List<JsonNode> record() {
        while (at < text.length() && lineEnd(text.charAt(at))) {
            skipLineEnd();
        }
        if (at >= text.length()) {
            return null;
        }
        began = line;
        List<JsonNode> fields = new ArrayList<>();
        fields.add(field());
        while (at < text.length() && text.charAt(at) == ',') {
            at++;
            fields.add(field());
        }
        if (at < text.length()) {
            skipLineEnd();
        }
        return fields;
    }

    private static boolean lineEnd(char c) {
        return c == '\n' || c == '\r';
    }

    private void skipLineEnd() {
        line++;
        boolean both = text.charAt(at) == '\r' && at + 1 < text.length() && text.charAt(at + 1) == '\n';
        at += both ? 2 : 1;
    }

    private JsonNode field() {
        if (at < text.length() && text.charAt(at) == '"') {
            return TextNode.valueOf(quoted());
        }
        int from = at;
        while (at < text.length() && text.charAt(at) != ',' && !lineEnd(text.charAt(at))) {
            at++;
        }
        return at == from ? NullNode.getInstance() : TextNode.valueOf(text.substring(from, at));
    }

    private String quoted() {
        StringBuilder field = new StringBuilder();
        int began = line;
        at++;
        while (true) {
            if (at >= text.length()) {
                throw Refusals.unreadable("body", "the quote that opens on line " + began + " is not closed");
            }
            char c = text.charAt(at++);
            if (c == '\n') {
                line++;
            }
            if (c != '"') {
                field.append(c);
            } else if (at < text.length() && text.charAt(at) == '"') {
                field.append('"');
                at++;
            } else {
                break;
            }
        }
        while (at < text.length() && text.charAt(at) != ',' && !lineEnd(text.charAt(at))) {
            field.append(text.charAt(at++)); // what follows the closing quote belongs to the field
        }
        return field.toString();
    }
}
