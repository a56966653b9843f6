package dev.perennial.scoring.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mutated and invented bodies: each is read or refused as the caller's fault, in both modes. */
class ServingFuzzTest {
    private static final int CASES = 50_000;
    private static final List<ErrorCode> FAULTS = List.of(
            ErrorCode.MALFORMED_REQUEST, ErrorCode.INVALID_ARGUMENT, ErrorCode.TOO_LARGE, ErrorCode.NOT_IMPLEMENTED);
    private static final List<String> ATOMS = List.of(
            "null",
            "true",
            "1",
            "-0.0",
            "1.7",
            "1e400",
            "-1e999999",
            "9007199254740993",
            "99999999999999999999",
            "NaN",
            "-Infinity",
            "\"\"",
            "\"1_0\"",
            "\"NaT\"",
            "\"abc\"",
            "\"2024-01-02T03:04:05Z\"",
            "\"99999999-01\"",
            "\"YWI=\"",
            "\"=\"",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "[]",
            "{}",
            "[[1],[2,3]]",
            "{\"a\":[null]}",
            "\"-\"",
            "\"1e\"");
    private static final List<String> NAMES = Stream.concat(
                    Stream.of(ScalarType.values()).map(ScalarType::word),
                    Stream.of("columns", "data", "index", "inputs", "params", "", "extra", "list", "object"))
            .toList();
    private static final List<String> FORMATS = List.of(
            "dataframe_split", "dataframe_records", "instances", "inputs", "params", "signature_name", "prompt");
    private static final List<String> CELLS = List.of(
            "",
            "1",
            "1.5",
            "NA",
            "true",
            "\"",
            "\"a,b\"",
            "\"\"\"\"",
            "inf",
            "-",
            "+",
            "e5",
            ".",
            "1e309",
            "\r",
            "\n",
            ",",
            "99999999999999999999999",
            "2024-01-02",
            "\u00fc",
            "\ufeff",
            "0x1",
            " 7 ",
            "1e-999999999999");

    private static final MlflowSignature COLUMNS = MlflowSignature.parse(
            Stream.of(ScalarType.values())
                    .map(type -> "{\"name\":\"" + type.word() + "\",\"type\":\"" + type.word() + "\",\"required\":"
                            + (type == ScalarType.DOUBLE) + "}")
                    .collect(java.util.stream.Collectors.joining(",", "[", """
                            ,{"name":"list","type":"array","items":{"type":"long"},"required":false},
                            {"name":"object","type":"object","properties":{"a":{"type":"any"}},"required":false}]
                            """)),
            "[{\"name\":\"n\",\"type\":\"integer\",\"default\":1}]");
    private static final List<TensorSpec> SPECS = List.of(
            new TensorSpec("inputs", DataType.FP16, List.of(-1L, 2L)),
            TensorSpec.column("long", DataType.UINT64),
            TensorSpec.column("string", DataType.BYTES));

    private final SplittableRandom random = new SplittableRandom(6);
    private final Map<ErrorCode, Integer> refusals = new EnumMap<>(ErrorCode.class);
    private int read;

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    private String value(int depth) {
        int kind = depth > 4 ? 0 : random.nextInt(6);
        List<String> parts = new ArrayList<>();
        int size = random.nextInt(4);
        return switch (kind) {
            case 1, 2 -> {
                for (int i = 0; i < size; i++) {
                    parts.add(value(depth + 1));
                }
                yield "[" + String.join(",", parts) + "]";
            }
            case 3, 4 -> {
                for (int i = 0; i < size; i++) {
                    parts.add("\"" + pick(NAMES) + "\":" + value(depth + 1));
                }
                yield "{" + String.join(",", parts) + "}";
            }
            default -> pick(ATOMS);
        };
    }

    private String json() {
        if (random.nextInt(4) == 0) {
            return "{\"dataframe_records\":[{\"double\":1.5,\"" + pick(NAMES) + "\":" + pick(ATOMS) + "}]}";
        }
        List<String> parts = new ArrayList<>();
        for (int i = random.nextInt(5) == 0 ? 2 : 1; i > 0; i--) {
            String format = pick(FORMATS);
            boolean split = format.equals("dataframe_split") && random.nextInt(4) > 0;
            parts.add("\"" + format + "\":"
                    + (split
                            ? "{\"columns\":[\"double\",\"" + pick(NAMES) + "\"],\"data\":" + value(1) + "}"
                            : value(1)));
        }
        return "{" + String.join(",", parts) + "}";
    }

    private String csv() {
        StringBuilder csv = new StringBuilder("double," + pick(NAMES));
        for (int i = random.nextInt(12); i > 0; i--) {
            csv.append(random.nextInt(3) == 0 ? "\n" : ",").append(pick(CELLS));
        }
        return csv.toString();
    }

    /** Flips, drops or doubles bytes. */
    private byte[] mutated(byte[] body) {
        byte[] changed = body.clone();
        for (int i = random.nextInt(3); i > 0 && changed.length > 0; i--) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(8) > 0 ? changed : java.util.Arrays.copyOf(changed, random.nextInt(changed.length + 1));
    }

    private void check(byte[] body, Runnable reading) {
        try {
            reading.run();
            read++;
        } catch (PerennialException e) {
            refusals.merge(e.code(), 1, Integer::sum);
            if (!FAULTS.contains(e.code())) {
                fail("not the caller's fault: " + e + " for " + new String(body, StandardCharsets.UTF_8), e);
            }
        } catch (RuntimeException e) {
            fail(e + " for " + new String(body, StandardCharsets.UTF_8), e);
        }
    }

    @ParameterizedTest
    @CsvSource({"strict", "mlflow"})
    void everyJsonBodyIsReadOrRefused(String mode) {
        Caster caster = mode.equals("strict") ? Caster.STRICT : Caster.MLFLOW;
        for (int i = 0; i < CASES; i++) {
            byte[] whole = json().getBytes(StandardCharsets.UTF_8);
            byte[] body = random.nextBoolean() ? whole : mutated(whole);
            check(body, () -> Enforced.json(COLUMNS, caster, body, 3));
        }
        assertThat(read).isGreaterThan(CASES / 100);
        assertThat(refusals).containsKeys(ErrorCode.MALFORMED_REQUEST, ErrorCode.INVALID_ARGUMENT);
    }

    @ParameterizedTest
    @CsvSource({"strict", "mlflow"})
    void everyCsvBodyIsReadOrRefused(String mode) {
        Caster caster = mode.equals("strict") ? Caster.STRICT : Caster.MLFLOW;
        for (int i = 0; i < CASES; i++) {
            byte[] whole = csv().getBytes(StandardCharsets.UTF_8);
            byte[] body = random.nextInt(4) > 0 ? whole : mutated(whole);
            check(body, () -> Enforced.csv(COLUMNS, caster, body, 3));
        }
        assertThat(read).isGreaterThan(CASES / 20);
        assertThat(refusals).containsKeys(ErrorCode.MALFORMED_REQUEST, ErrorCode.INVALID_ARGUMENT);
    }

    @Test
    void everyBodyForAModelOfTensorsIsReadOrRefused() {
        ModelSchema schema = new ModelSchema(SPECS, SPECS, null);
        for (int i = 0; i < CASES; i++) {
            byte[] whole = json().getBytes(StandardCharsets.UTF_8);
            byte[] body = random.nextBoolean() ? whole : mutated(whole);
            check(body, () -> TensorBody.read(schema, body));
        }
        assertThat(refusals).containsKeys(ErrorCode.MALFORMED_REQUEST, ErrorCode.INVALID_ARGUMENT);
    }
}
