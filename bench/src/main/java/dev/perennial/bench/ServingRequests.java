package dev.perennial.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The same rows of 21 numbers as each protocol takes them, seeded. */
final class ServingRequests {
    static final int WIDTH = 21;
    private static final int PROTO_NAME = 1;
    private static final int PROTO_DATATYPE = 2;
    private static final int PROTO_SHAPE = 3;
    private static final int PROTO_INPUT = 5;
    private static final int PROTO_RAW = 7;

    private final float[] values;
    private final int rows;

    /** @param body of one request @param headers beside its length */
    record Request(byte[] body, Map<String, String> headers) {
        Request with(Map<String, String> more) {
            Map<String, String> all = new TreeMap<>(headers);
            all.putAll(more);
            return new Request(body, all);
        }
    }

    /** @param rows of each request */
    ServingRequests(int rows, long seed) {
        Random random = new Random(seed);
        this.rows = rows;
        this.values = new float[rows * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.round(random.nextGaussian() * 1e5) / 1e5f;
        }
    }

    /** Plain records. */
    Request records() {
        return json("{\"records\":["
                + IntStream.range(0, rows)
                        .mapToObj(r -> "{"
                                + IntStream.range(0, WIDTH)
                                        .mapToObj(c -> "\"" + name(c) + "\":" + number(r, c))
                                        .collect(Collectors.joining(","))
                                + ",\"event_time\":1364800000000,\"predicted_at\":1364792800000}")
                        .collect(Collectors.joining(","))
                + "]}");
    }

    /** Open Inference, a tensor for each column. */
    Request columns() {
        return json("{\"inputs\":["
                + IntStream.range(0, WIDTH)
                        .mapToObj(c -> "{\"name\":\"" + name(c) + "\",\"datatype\":\"FP32\",\"shape\":[" + rows
                                + "],\"data\":["
                                + IntStream.range(0, rows)
                                        .mapToObj(r -> number(r, c))
                                        .collect(Collectors.joining(","))
                                + "]}")
                        .collect(Collectors.joining(","))
                + "]}");
    }

    /** Open Inference, one matrix, as MLServer's runtime for XGBoost takes it. */
    Request matrix() {
        return json("{\"inputs\":[{\"name\":\"predict\",\"datatype\":\"FP32\",\"shape\":[" + rows + "," + WIDTH
                + "],\"data\":[" + numbers() + "]}]}");
    }

    /** MLflow's scoring protocol. */
    Request split() {
        return json("{\"dataframe_split\":{\"columns\":["
                + IntStream.range(0, WIDTH).mapToObj(c -> "\"" + name(c) + "\"").collect(Collectors.joining(","))
                + "],\"data\":["
                + IntStream.range(0, rows)
                        .mapToObj(r -> IntStream.range(0, WIDTH)
                                .mapToObj(c -> number(r, c))
                                .collect(Collectors.joining(",", "[", "]")))
                        .collect(Collectors.joining(","))
                + "]}}");
    }

    /** Open Inference with binary tensors both ways, a tensor for each column. */
    Request binary() throws IOException {
        String header = "{\"inputs\":["
                + IntStream.range(0, WIDTH)
                        .mapToObj(c -> "{\"name\":\"" + name(c) + "\",\"datatype\":\"FP32\",\"shape\":[" + rows
                                + "],\"parameters\":{\"binary_data_size\":" + 4 * rows + "}}")
                        .collect(Collectors.joining(","))
                + "],\"parameters\":{\"binary_data_output\":true}}";
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(header.getBytes(StandardCharsets.US_ASCII));
        for (int c = 0; c < WIDTH; c++) {
            body.write(column(c));
        }
        return new Request(
                body.toByteArray(),
                Map.of(
                        "Content-Type",
                        "application/octet-stream",
                        "Inference-Header-Content-Length",
                        Integer.toString(header.length())));
    }

    /** A message of gRPC in its frame: {@code ModelInferRequest} with raw contents, a tensor for each column. */
    byte[] grpc(String model) throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        field(message, PROTO_NAME, model.getBytes(StandardCharsets.UTF_8));
        for (int c = 0; c < WIDTH; c++) {
            ByteArrayOutputStream input = new ByteArrayOutputStream();
            field(input, PROTO_NAME, name(c).getBytes(StandardCharsets.UTF_8));
            field(input, PROTO_DATATYPE, "FP32".getBytes(StandardCharsets.UTF_8));
            ByteArrayOutputStream shape = new ByteArrayOutputStream();
            varint(shape, rows);
            field(input, PROTO_SHAPE, shape.toByteArray());
            field(message, PROTO_INPUT, input.toByteArray());
        }
        for (int c = 0; c < WIDTH; c++) {
            field(message, PROTO_RAW, column(c));
        }
        return ByteBuffer.allocate(5 + message.size())
                .put((byte) 0)
                .putInt(message.size())
                .put(message.toByteArray())
                .array();
    }

    private static void field(ByteArrayOutputStream out, int number, byte[] bytes) throws IOException {
        varint(out, number << 3 | 2);
        varint(out, bytes.length);
        out.write(bytes);
    }

    private static void varint(ByteArrayOutputStream out, int value) {
        int left = value;
        while (left >= 0x80) {
            out.write(left & 0x7f | 0x80);
            left >>>= 7;
        }
        out.write(left);
    }

    private byte[] column(int c) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * rows).order(ByteOrder.LITTLE_ENDIAN);
        for (int r = 0; r < rows; r++) {
            bytes.putFloat(values[r * WIDTH + c]);
        }
        return bytes.array();
    }

    static String name(int column) {
        return "column_" + column;
    }

    private String numbers() {
        return IntStream.range(0, values.length)
                .mapToObj(i -> number(i / WIDTH, i % WIDTH))
                .collect(Collectors.joining(","));
    }

    private String number(int row, int column) {
        return String.format(Locale.ROOT, "%.5f", values[row * WIDTH + column]);
    }

    private static Request json(String text) {
        return new Request(text.getBytes(StandardCharsets.UTF_8), Map.of("Content-Type", "application/json"));
    }

    /** Leaves requests and the script that lets wrk send them one after the other; gives back the script. */
    static Path script(Path folder, String name, String path, List<Request> requests) throws IOException {
        ByteArrayOutputStream bodies = new ByteArrayOutputStream();
        for (Request request : requests) {
            bodies.write((request.body().length + "\n").getBytes(StandardCharsets.US_ASCII));
            bodies.write(request.body());
            bodies.write('\n');
        }
        Path file = folder.resolve(name + ".bodies");
        Files.write(file, bodies.toByteArray());
        List<String> headers = new ArrayList<>();
        new TreeMap<>(requests.getFirst().headers())
                .forEach((key, value) -> headers.add("[\"" + key + "\"]=\"" + value + "\""));
        Path script = folder.resolve(name + ".lua");
        Files.writeString(script, """
                local requests = {}
                local n = 0
                function init(args)
                  local file = io.open("%s", "rb")
                  while true do
                    local size = file:read("*n")
                    if not size then break end
                    file:read(1)
                    requests[#requests + 1] = wrk.format("POST", "%s", {%s}, file:read(size))
                  end
                  file:close()
                end
                function request()
                  n = n %% #requests + 1
                  return requests[n]
                end
                """.formatted(file, path, String.join(", ", headers)));
        return script;
    }
}
