package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;

/** What a field of a CSV file says to a column of a type, when nothing is guessed. */
final class CsvCast {
    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,400}");
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(\\d{1,400}\\.?\\d{0,400}|\\.\\d{1,400})([eE][+-]?\\d{1,4})?");

    private CsvCast() {}

    /** The JSON value that a caller would have sent for the field; a text that is none stays a text, and is refused later. */
    static JsonNode typed(ColumnSpec column, JsonNode field) {
        if (!field.isTextual() || !(column.type() instanceof FieldType.Scalar scalar)) {
            return field;
        }
        String text = field.textValue();
        return switch (scalar.type()) {
            case STRING, BINARY, DATETIME -> field;
            case BOOLEAN ->
                switch (text) {
                    case "true", "True", "TRUE" -> BooleanNode.TRUE;
                    case "false", "False", "FALSE" -> BooleanNode.FALSE;
                    default -> field;
                };
            case INTEGER, LONG, FLOAT, DOUBLE -> number(text, field);
        };
    }

    private static JsonNode number(String text, JsonNode field) {
        if (text.isEmpty()) {
            return NullNode.getInstance();
        }
        if (text.matches("-0+\\.?0*")) {
            return DoubleNode.valueOf(-0.0);
        }
        if (WHOLE.matcher(text).matches()) {
            return BigIntegerNode.valueOf(new BigInteger(text.startsWith("+") ? text.substring(1) : text));
        }
        if (DECIMAL.matcher(text).matches()) {
            return DecimalNode.valueOf(new BigDecimal(text));
        }
        return switch (text) {
            case "NaN", "nan" -> DoubleNode.valueOf(Double.NaN);
            case "inf", "Infinity" -> DoubleNode.valueOf(Double.POSITIVE_INFINITY);
            case "-inf", "-Infinity" -> DoubleNode.valueOf(Double.NEGATIVE_INFINITY);
            default -> field;
        };
    }
}
