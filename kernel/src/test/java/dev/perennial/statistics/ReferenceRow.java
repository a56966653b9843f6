package dev.perennial.statistics;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;

/** One row of reference-rows.jsonl with its named data sets. */
record ReferenceRow(JsonNode row, JsonNode datasets) {

    String id() {
        return row.get("id").asText();
    }

    String method() {
        return row.get("method").asText();
    }

    JsonNode params() {
        return row.get("params");
    }

    double param(String name) {
        return params().get(name).asDouble();
    }

    boolean has(String input) {
        return row.get("inputs").has(input);
    }

    JsonNode input(String name) {
        return datasets.get(row.get("inputs").get(name).asText());
    }

    double[] numbers(String name) {
        return numbers(input(name));
    }

    double[] reference() {
        return has("reference") ? numbers("reference") : numbers("reference_counts");
    }

    double[] current() {
        return has("current") ? numbers("current") : numbers("current_counts");
    }

    double[][] vectors(String name) {
        return StreamSupport.stream(input(name).spliterator(), false)
                .map(ReferenceRow::numbers)
                .toArray(double[][]::new);
    }

    boolean[] flags(String name) {
        double[] numbers = numbers(name);
        boolean[] flags = new boolean[numbers.length];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = numbers[i] == 1;
        }
        return flags;
    }

    List<String> texts(String name) {
        return texts(input(name));
    }

    /** Classes a, b, c or 0, 1 as their numbers. */
    int[] classes(String name) {
        return texts(name).stream()
                .mapToInt(text ->
                        text.length() == 1 && text.charAt(0) >= 'a' ? text.charAt(0) - 'a' : Integer.parseInt(text))
                .toArray();
    }

    static double[] numbers(JsonNode node) {
        double[] values = new double[node.size()];
        Arrays.setAll(
                values, i -> node.get(i).isNull() ? Double.NaN : node.get(i).asDouble());
        return values;
    }

    static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        node.forEach(item -> texts.add(item.asText()));
        return texts;
    }
}
