package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A column of a CSV file as {@code pandas.read_csv} reads it when it is told the type. */
final class PandasCsv {
    private static final Set<String> NOT_THERE = Set.of(
            "",
            "#N/A",
            "#N/A N/A",
            "#NA",
            "-1.#IND",
            "-1.#QNAN",
            "-NaN",
            "-nan",
            "1.#IND",
            "1.#QNAN",
            "<NA>",
            "N/A",
            "NA",
            "NULL",
            "NaN",
            "None",
            "n/a",
            "nan",
            "null");
    private static final Set<String> TRUE = Set.of("True", "TRUE", "true");
    private static final Set<String> FALSE = Set.of("False", "FALSE", "false");
    private static final Pattern WHOLE = Pattern.compile("\\s*[+-]?\\d+\\s*");

    private PandasCsv() {}

    static List<@Nullable Object> cast(ScalarType type, List<JsonNode> values) {
        if (values.isEmpty()) {
            return List.of();
        }
        return switch (type) {
            case STRING, BINARY -> texts(values);
            case BOOLEAN -> bools(values);
            case INTEGER, LONG -> wholes(type, values);
            case FLOAT, DOUBLE -> fractions(type, values);
            case DATETIME ->
                throw CastFailure.of(
                        "the dtype datetime64[ns] is not supported for parsing CSV; MLflow refuses it too");
        };
    }

    private static boolean absent(JsonNode value) {
        return !value.isTextual() || NOT_THERE.contains(value.textValue());
    }

    private static List<@Nullable Object> texts(List<JsonNode> values) {
        List<@Nullable Object> cast = new ArrayList<>(values.size());
        for (JsonNode value : values) {
            cast.add(absent(value) ? Double.NaN : value.textValue());
        }
        return cast;
    }

    private static boolean allBools(List<JsonNode> values) {
        return values.stream()
                .allMatch(value -> absent(value) || TRUE.contains(value.asText()) || FALSE.contains(value.asText()));
    }

    private static void needAll(ScalarType type, List<JsonNode> values) {
        if (values.stream().anyMatch(PandasCsv::absent)) {
            throw CastFailure.of("a " + type.word() + " column cannot hold a missing value");
        }
    }

    private static List<@Nullable Object> bools(List<JsonNode> values) {
        needAll(ScalarType.BOOLEAN, values);
        List<@Nullable Object> cast = new ArrayList<>(values.size());
        boolean words = allBools(values);
        for (JsonNode value : values) {
            double number = words ? (TRUE.contains(value.textValue()) ? 1 : 0) : Xstrtod.parse(value.textValue());
            if (number != 0 && number != 1) {
                throw CastFailure.of(Values.shown(value) + " cannot safely become bool");
            }
            cast.add(number == 1);
        }
        return cast;
    }

    private static List<@Nullable Object> wholes(ScalarType type, List<JsonNode> values) {
        needAll(type, values);
        boolean words = allBools(values);
        boolean digits = values.stream()
                .allMatch(value -> WHOLE.matcher(value.textValue()).matches());
        List<@Nullable Object> cast = new ArrayList<>(values.size());
        for (JsonNode value : values) {
            String text = value.textValue();
            if (words) {
                cast.add(TRUE.contains(text) ? 1L : 0L);
            } else if (digits) {
                BigInteger whole = new BigInteger(text.strip().replace("+", ""));
                if (whole.bitLength() >= Long.SIZE) {
                    throw CastFailure.of(Values.shown(value) + " is out of the range of int64");
                }
                cast.add(type == ScalarType.INTEGER ? (long) whole.intValue() : whole.longValue());
            } else {
                cast.add(safely(type, value));
            }
        }
        return cast;
    }

    private static Long safely(ScalarType type, JsonNode value) {
        double number = Xstrtod.parse(value.textValue());
        boolean fits = type == ScalarType.INTEGER ? number == (int) number : number == (long) number;
        if (!fits) {
            throw CastFailure.of(Values.shown(value) + " cannot safely become " + type.word());
        }
        return (long) number;
    }

    private static List<@Nullable Object> fractions(ScalarType type, List<JsonNode> values) {
        List<@Nullable Object> cast = new ArrayList<>(values.size());
        boolean words = allBools(values) && values.stream().anyMatch(value -> !absent(value));
        for (JsonNode value : values) {
            if (absent(value)) {
                cast.add(Double.NaN);
            } else if (words) {
                cast.add(TRUE.contains(value.textValue()) ? 1.0 : 0.0);
            } else {
                cast.add(PandasCast.rounded(type, Xstrtod.parse(value.textValue())));
            }
        }
        return cast;
    }
}
