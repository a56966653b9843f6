package dev.perennial.scoring.schema;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One question to MLflow's scoring server and its answer.
 *
 * @param form how the values are sent
 * @param type of the column; the model has one optional column of each type, which is called by it
 * @param values JSON texts, or the lines of a CSV file
 * @param expected what the model received, each value with its kind; or the refusal
 */
record MlflowCell(String form, String type, String values, String expected) {
    private static final String FILE = "mlflow-3.11.1-cells.tsv";
    private static final Map<String, List<String>> ALIKE =
            Map.of("split", List.of("records"), "inputs", List.of("instances", "inputrows"));

    static final MlflowSignature SIGNATURE = new MlflowSignature(
            Stream.of(ScalarType.values())
                    .map(type -> ColumnSpec.of(type.word(), type, false))
                    .toList(),
            List.of(),
            List.of());

    /** All that were asked, also those that the file leaves out as equal to another. */
    static List<MlflowCell> all() {
        Map<String, MlflowCell> cells = new LinkedHashMap<>();
        try (InputStream file = MlflowCell.class.getResourceAsStream(FILE)) {
            String text = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
            text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] parts = line.split("\t", -1);
                String values = parts[2].replace("\\n", "\n").replace("\\\\", "\\");
                MlflowCell cell = new MlflowCell(parts[0], parts[1], values, parts[3]);
                cells.put(cell.name(), cell);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (MlflowCell cell : List.copyOf(cells.values())) {
            for (String other : ALIKE.getOrDefault(cell.form, List.of())) {
                MlflowCell same = new MlflowCell(other, cell.type, cell.values, cell.expected);
                cells.putIfAbsent(same.name(), same);
            }
        }
        return List.copyOf(cells.values());
    }

    String name() {
        return type + " " + form + " " + values.replace("\n", "\\n");
    }

    String contentType() {
        return form.equals("csv") ? "text/csv" : "application/json";
    }

    String body() {
        List<String> items = form.equals("csv") ? List.of() : items();
        String named =
                items.stream().map(item -> "{\"" + type + "\":" + item + "}").collect(Collectors.joining(","));
        return switch (form) {
            case "split" ->
                items.stream()
                        .map(item -> "[" + item + "]")
                        .collect(Collectors.joining(
                                ",", "{\"dataframe_split\":{\"columns\":[\"" + type + "\"],\"data\":[", "]}}"));
            case "records" -> "{\"dataframe_records\":[" + named + "]}";
            case "gaps" -> "{\"dataframe_records\":[" + named + ",{}]}";
            case "inputs" -> "{\"inputs\":{\"" + type + "\":" + values + "}}";
            case "instances" -> "{\"instances\":[" + named + "]}";
            case "inputrows" -> "{\"inputs\":[" + named + "]}";
            case "inputgaps" -> "{\"inputs\":[" + named + ",{}]}";
            case "scalar" -> "{\"inputs\":{\"" + type + "\":" + items.getFirst() + "}}";
            case "csv" -> type + "\n" + values + "\n";
            default -> throw new IllegalStateException(form);
        };
    }

    /** The JSON texts between the outer brackets. */
    private List<String> items() {
        List<String> items = new ArrayList<>();
        String inner = values.substring(1, values.length() - 1);
        int depth = 0;
        boolean text = false;
        int from = 0;
        for (int i = 0; i < inner.length(); i++) {
            char c = inner.charAt(i);
            text ^= c == '"' && (i == 0 || inner.charAt(i - 1) != '\\');
            depth += text ? 0 : c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
            if (c == ',' && depth == 0 && !text) {
                items.add(inner.substring(from, i).strip());
                from = i + 1;
            }
        }
        if (!inner.isBlank()) {
            items.add(inner.substring(from).strip());
        }
        return items;
    }

    /** What our casts make of the same body, in the file's words. */
    String answeredBy(Caster caster) {
        byte[] body = body().getBytes(StandardCharsets.UTF_8);
        try {
            Enforced enforced = form.equals("csv")
                    ? Enforced.csv(SIGNATURE, caster, body, 100)
                    : Enforced.json(SIGNATURE, caster, body, 100);
            List<Object> column = enforced.columns()
                    .get(ScalarType.valueOf(type.toUpperCase(Locale.ROOT)).ordinal());
            if (column == null) {
                return "none";
            }
            boolean time = type.equals("datetime");
            return column.isEmpty()
                    ? "empty"
                    : column.stream().map(value -> told(value, time)).collect(Collectors.joining(" "));
        } catch (PerennialException e) {
            return e.code().httpStatus() + " "
                    + (e.code() == ErrorCode.MALFORMED_REQUEST
                            ? "BAD_REQUEST"
                            : e.code().mlflowCode());
        }
    }

    private static String told(Object value, boolean time) {
        return switch (value) {
            case null -> time ? "NaT" : "null";
            case Boolean bool -> "boolean:" + bool;
            case Long whole -> "whole:" + whole;
            case BigInteger whole -> "whole:" + whole;
            case Double number -> "number:" + Python.repr(number).replace("nan", "NaN");
            case String text -> text.isEmpty() ? "text" : "text:" + escaped(text);
            case byte[] bytes ->
                bytes.length == 0 ? "bytes" : "bytes:" + HexFormat.of().formatHex(bytes);
            case Nanos nanos -> "nanos:" + nanos.sinceEpoch();
            case com.fasterxml.jackson.databind.node.ArrayNode _ -> "list";
            default -> "other:dict";
        };
    }

    static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        for (char c : text.toCharArray()) {
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case ' ' -> out.append("\\s");
                default -> out.append(c < 0x80 ? String.valueOf(c) : String.format("\\x%02x", (int) c));
            }
        }
        return out.toString();
    }
}
