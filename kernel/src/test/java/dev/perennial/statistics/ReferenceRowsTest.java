package dev.perennial.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** 128 published values, each to the digits printed. A method without an implementation fails. */
class ReferenceRowsTest {
    private static final double ABSOLUTE = 1e-9;

    @TestFactory
    Stream<DynamicTest> everyRowIsMet() {
        return rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.id() + " " + row.method(), () -> {
                    Object got = compute(row);
                    agree(row, row.row().get("expected"), got == null ? null : Json.tree(got));
                }));
    }

    @Test
    void thereAreAllRows() {
        assertThat(rows()).hasSize(128);
    }

    private static @Nullable Object compute(ReferenceRow row) {
        Object got = NumericRows.compute(row);
        got = got == NumericRows.UNKNOWN ? CategoricalRows.compute(row) : got;
        got = got == NumericRows.UNKNOWN ? PerformanceRows.compute(row) : got;
        got = got == NumericRows.UNKNOWN ? StreamRows.compute(row) : got;
        assertThat(got).as("no implementation of " + row.method()).isNotSameAs(NumericRows.UNKNOWN);
        return got;
    }

    private static void agree(ReferenceRow row, JsonNode expected, @Nullable JsonNode got) {
        if (expected.isNull()) {
            assertThat(got == null || got.isNull() || Double.isNaN(got.asDouble()))
                    .as("%s: %s", row.id(), got)
                    .isTrue();
            return;
        }
        assertThat(got).as(row.id()).isNotNull();
        if (expected.isObject()) {
            for (Map.Entry<String, JsonNode> part : expected.properties()) {
                agree(row, part.getValue(), got.get(part.getKey()));
            }
        } else if (expected.isArray()) {
            assertThat(got.size()).as("%s: %s", row.id(), got).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                agree(row, expected.get(i), got.get(i));
            }
        } else if (expected.isNumber()) {
            double e = expected.asDouble();
            double g = got.asDouble();
            double limit = ABSOLUTE + row.row().get("tol").asDouble() * Math.max(Math.abs(e), Math.abs(g));
            assertThat(Math.abs(g - e))
                    .as("%s: got %s, expected %s", row.id(), g, e)
                    .isLessThanOrEqualTo(limit);
        } else {
            assertThat(got).as(row.id()).isEqualTo(expected);
        }
    }

    private static List<ReferenceRow> rows() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(ReferenceRowsTest.class.getResourceAsStream("reference-rows.jsonl")),
                StandardCharsets.UTF_8))) {
            List<JsonNode> lines = reader.lines()
                    .filter(line -> !line.isBlank())
                    .map(Json::parse)
                    .toList();
            JsonNode datasets = lines.getFirst().get("datasets");
            return lines.stream()
                    .skip(1)
                    .map(line -> new ReferenceRow(line, datasets))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
