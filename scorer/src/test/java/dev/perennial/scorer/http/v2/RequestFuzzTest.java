package dev.perennial.scorer.http.v2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What no client would send, by a seed: the decoder takes it or refuses it as the caller's fault, and stays within its memory. */
class RequestFuzzTest {
    private static final int CASES = 200_000;
    private static final int TENSOR_BYTES_MAX = 64 << 10;
    private static final String[] TOKENS = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "null",
        "true",
        "1e999",
        "-0",
        "1e-400",
        "99999999999999999999",
        "\"inputs\"",
        "\"data\"",
        "\"shape\"",
        "\"parameters\"",
        "\"binary_data_size\"",
        "\\ud800",
        "\u0000",
        "NaN",
        "\"BYTES\"",
        "\"FP32\"",
        "2147483647",
        "-1",
        "0.5",
        "\"x\"",
        " ",
        "\u20ac",
        "[[[[[[[["
    };

    @Test
    void twoHundredThousandBodiesAreTakenOrRefused() {
        SplittableRandom random = new SplittableRandom(20_261_122);
        int taken = 0;
        for (int i = 0; i < CASES; i++) {
            byte[] body = body(random);
            int json = random.nextInt(4) == 0 ? random.nextInt(body.length + 1) : jsonLength(body);
            try {
                InferRequest request = RequestReader.read(body, json);
                taken++;
                checkMemory(request, body);
            } catch (PerennialException e) {
                assertThat(e.code().httpStatus()).as(() -> shown(body)).isIn(400, 413, 501);
                assertThat(e.getMessage()).hasSizeLessThan(1_000);
            } catch (RuntimeException e) {
                throw new AssertionError("case " + i + ": " + shown(body), e);
            }
        }
        assertThat(taken).as("cases that were good requests").isBetween(CASES / 50, CASES);
    }

    private static void checkMemory(InferRequest request, byte[] body) {
        long held = 0;
        for (Tensor tensor : request.inputs()) {
            held += BinaryValues.size(tensor);
        }
        assertThat(held).as(() -> shown(body)).isLessThan(TENSOR_BYTES_MAX);
    }

    private static String shown(byte[] body) {
        return new String(body, StandardCharsets.ISO_8859_1);
    }

    private static int jsonLength(byte[] body) {
        for (int i = body.length - 1; i >= 0; i--) {
            if (body[i] == '}') {
                return i + 1;
            }
        }
        return body.length;
    }

    private static byte[] body(SplittableRandom random) {
        List<Byte> tail = new ArrayList<>();
        StringBuilder json = new StringBuilder("{\"inputs\":[");
        int inputs = 1 + random.nextInt(3);
        for (int i = 0; i < inputs; i++) {
            json.append(i == 0 ? "" : ",").append(input(random, i, tail));
        }
        json.append("],\"outputs\":[{\"name\":\"a\",\"parameters\":{\"binary_data\":true}}],\"id\":\"q\"}");
        int wounds = random.nextInt(4);
        for (int i = 0; i < wounds; i++) {
            wound(random, json);
        }
        byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
        byte[] body = Arrays.copyOf(text, text.length + tail.size());
        for (int i = 0; i < tail.size(); i++) {
            body[text.length + i] = tail.get(i);
        }
        if (random.nextInt(8) == 0) {
            body[random.nextInt(body.length)] = (byte) random.nextInt(256);
        }
        return body;
    }

    private static String input(SplittableRandom random, int number, List<Byte> tail) {
        DataType type = DataType.values()[random.nextInt(DataType.values().length)];
        int rows = random.nextInt(4);
        String head = "{\"name\":\"i%d\",\"shape\":[%d%s],\"datatype\":\"%s\","
                .formatted(number, rows, random.nextBoolean() ? "" : ",1", type);
        if (random.nextBoolean()) {
            int size = binary(random, type, rows, tail);
            return head + "\"parameters\":{\"binary_data_size\":" + size + "}}";
        }
        List<String> values = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            values.add(type == DataType.BYTES ? "\"t" + random.nextInt() + "\"" : Integer.toString(random.nextInt(2)));
        }
        return head + "\"data\":" + values + "}";
    }

    private static int binary(SplittableRandom random, DataType type, int rows, List<Byte> tail) {
        int before = tail.size();
        for (int i = 0; i < rows; i++) {
            int bytes = type == DataType.BYTES ? random.nextInt(5) : type.bytes();
            if (type == DataType.BYTES) {
                tail.addAll(List.of((byte) bytes, (byte) 0, (byte) 0, (byte) 0));
            }
            for (int b = 0; b < bytes; b++) {
                tail.add((byte) random.nextInt(256));
            }
        }
        int noise = random.nextInt(10) == 0 ? random.nextInt(7) - 3 : 0;
        return tail.size() - before + noise;
    }

    private static void wound(SplittableRandom random, StringBuilder json) {
        int at = random.nextInt(json.length() + 1);
        int end = Math.min(json.length(), at + random.nextInt(12));
        String token = TOKENS[random.nextInt(TOKENS.length)];
        switch (random.nextInt(4)) {
            case 0 -> json.insert(at, token);
            case 1 -> json.delete(at, end);
            case 2 -> json.replace(at, end, token);
            default -> json.insert(at, json.substring(at, end));
        }
    }
}
