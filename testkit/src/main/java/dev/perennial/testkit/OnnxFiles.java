package dev.perennial.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** ONNX files, written byte by byte: small honest ones and those that an attacker would write. */
public final class OnnxFiles {
    /** Element types by their numbers. */
    public static final int FLOAT = 1;

    public static final int INT64 = 7;
    public static final int STRING = 8;
    public static final int BOOL = 9;

    private static final long ANY = -1;
    private static final int IR_VERSION = 8;
    private static final int OPSET = 13;
    private static final long TWELVE_GIGABYTES_OF_FLOATS = 3_000_000_000L;
    private static final int FUNCTIONS = 40;

    private OnnxFiles() {}

    /** A model of one graph. */
    public static byte[] model(Proto graph) {
        return head().message(7, graph).bytes();
    }

    private static Proto head() {
        return new Proto().number(1, IR_VERSION).message(8, new Proto().number(2, OPSET));
    }

    public static Proto node(String operator, List<String> inputs, String... outputs) {
        Proto node = new Proto();
        inputs.forEach(input -> node.text(1, input));
        for (String output : outputs) {
            node.text(2, output);
        }
        return node.text(4, operator);
    }

    /** An input or output; -1 leaves a size open. */
    public static Proto value(String name, int type, long... shape) {
        Proto sizes = new Proto();
        for (long size : shape) {
            sizes.message(1, size == ANY ? new Proto().text(2, "n") : new Proto().number(1, size));
        }
        return new Proto()
                .text(1, name)
                .message(2, new Proto().message(1, new Proto().number(1, type).message(2, sizes)));
    }

    /** An input or output that declares no shape. */
    public static Proto shapeless(String name, int type) {
        return new Proto().text(1, name).message(2, new Proto().message(1, new Proto().number(1, type)));
    }

    /** A tensor of whole numbers. */
    public static Proto whole(String name, long[] shape, long... values) {
        Proto tensor = new Proto();
        for (long size : shape) {
            tensor.number(1, size);
        }
        ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        return tensor.number(2, INT64).text(8, name).raw(9, raw.array());
    }

    /** Gives back a tensor of that type and shape: {@code in} as {@code out}. */
    public static byte[] identity(int type, long... shape) {
        return model(new Proto()
                .message(1, node("Identity", List.of("in"), "out"))
                .text(2, "g")
                .message(11, value("in", type, shape))
                .message(12, value("out", type, shape)));
    }

    /** The sum of two columns through a sigmoid. */
    public static byte[] columns(String a, String b) {
        return model(new Proto()
                .message(1, node("Add", List.of(a, b), "sum"))
                .message(1, node("Sigmoid", List.of("sum"), "probability"))
                .text(2, "g")
                .message(11, value(a, FLOAT, ANY, 1))
                .message(11, value(b, FLOAT, ANY, 1))
                .message(12, value("probability", FLOAT, ANY, 1)));
    }

    /** A matrix of one column through a sigmoid. */
    public static byte[] matrix() {
        return model(sigmoid(new Proto()));
    }

    /** As {@link #matrix}, with weights of so many bytes that nothing uses. */
    public static byte[] heavy(int bytes) {
        Proto weights =
                new Proto().number(1, bytes).number(2, 2).text(8, "weights").raw(9, new byte[bytes]);
        return model(sigmoid(new Proto()).message(5, weights));
    }

    private static Proto sigmoid(Proto graph) {
        return graph.message(1, node("Sigmoid", List.of("x"), "probability"))
                .text(2, "g")
                .message(11, value("x", FLOAT, ANY, 1))
                .message(12, value("probability", FLOAT, ANY, 1));
    }

    /** A file of some 200 bytes whose first run asks for 12 GB. It takes a column {@code x}. */
    public static byte[] twelveGigabytes() {
        return model(new Proto()
                .message(1, node("ConstantOfShape", List.of("size"), "big"))
                .message(1, node("ReduceSum", List.of("big"), "sum"))
                .message(1, node("Add", List.of("x", "sum"), "probability"))
                .text(2, "g")
                .message(5, whole("size", new long[] {1}, TWELVE_GIGABYTES_OF_FLOATS))
                .message(11, value("x", FLOAT, ANY, 1))
                .message(12, value("probability", FLOAT, ANY, 1)));
    }

    /** A loop of 2^62 rounds. It takes a column {@code x}. */
    public static byte[] endless() {
        Proto body = new Proto()
                .message(1, node("Identity", List.of("go"), "go_on"))
                .message(1, node("Sigmoid", List.of("v"), "next"))
                .text(2, "body")
                .message(11, value("round", INT64))
                .message(11, value("go", BOOL))
                .message(11, value("v", FLOAT, ANY, 1))
                .message(12, value("go_on", BOOL))
                .message(12, value("next", FLOAT, ANY, 1));
        Proto loop = node("Loop", List.of("rounds", "", "x"), "probability")
                .message(5, new Proto().text(1, "body").number(20, 5).message(6, body));
        return model(new Proto()
                .message(1, loop)
                .text(2, "g")
                .message(5, whole("rounds", new long[0], 1L << 62))
                .message(11, value("x", FLOAT, ANY, 1))
                .message(12, value("probability", FLOAT, ANY, 1)));
    }

    /** Files that must be refused before any native code reads them, by what is wrong with them. */
    public static Map<String, byte[]> hostile() {
        Proto away = new Proto()
                .number(1, 4)
                .number(2, FLOAT)
                .text(8, "w")
                .message(13, new Proto().text(1, "location").text(2, "../weights"))
                .number(14, 1);
        Proto sparse = new Proto().message(1, away).number(3, 8);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("external data of a tensor", model(sigmoid(new Proto()).message(5, away)));
        files.put("external data of a sparse tensor", model(sigmoid(new Proto()).message(15, sparse)));
        files.put("external data of a constant", model(sigmoid(constant(new Proto().message(5, away)))));
        files.put("external data of a sparse constant", model(sigmoid(constant(new Proto().message(22, sparse)))));
        files.put("a circle", circle());
        files.put("more tensor than file", model(sigmoid(new Proto()).message(5, huge(Long.MAX_VALUE / 2))));
        files.put(
                "more tensor than numbers",
                model(sigmoid(new Proto()).message(5, huge(1L << 40).number(1, 1L << 40))));
        files.put("a sparse tensor that unfolds", model(sigmoid(new Proto()).message(15, unfolding())));
        files.put("an operator of somebody", custom());
        files.put("graphs in graphs", model(nested(100)));
        files.put("types in types", model(sigmoid(new Proto()).message(13, typed(100))));
        files.put("a function that calls itself", recursive());
        files.put("functions that double forty times", doubling());
        return files;
    }

    private static Proto constant(Proto attribute) {
        return new Proto().message(1, node("Constant", List.of(), "w").message(5, attribute.text(1, "value")));
    }

    private static Proto huge(long elements) {
        return new Proto().number(1, elements).number(2, FLOAT).text(8, "w").raw(9, new byte[4]);
    }

    private static Proto unfolding() {
        Proto one = new Proto().number(1, 1).number(2, FLOAT).text(8, "w").raw(9, new byte[4]);
        return new Proto()
                .message(1, one)
                .message(2, whole("at", new long[] {1}, 7))
                .number(3, 1L << 40);
    }

    private static byte[] circle() {
        return model(new Proto()
                .message(1, node("Add", List.of("x", "b"), "a"))
                .message(1, node("Sigmoid", List.of("a"), "b"))
                .text(2, "g")
                .message(11, value("x", FLOAT, ANY, 1))
                .message(12, value("b", FLOAT, ANY, 1)));
    }

    private static byte[] custom() {
        return model(new Proto()
                .message(1, node("Steal", List.of("x"), "probability").text(7, "com.evil"))
                .text(2, "g")
                .message(11, value("x", FLOAT, ANY, 1))
                .message(12, value("probability", FLOAT, ANY, 1)));
    }

    private static Proto nested(int depth) {
        Proto graph = sigmoid(new Proto());
        for (int i = 0; i < depth; i++) {
            Proto branch = node("If", List.of("x"), "y" + i)
                    .message(5, new Proto().text(1, "then_branch").number(20, 5).message(6, graph));
            graph = new Proto().message(1, branch).text(2, "g");
        }
        return graph;
    }

    private static Proto typed(int depth) {
        Proto type = new Proto().message(1, new Proto().number(1, FLOAT));
        for (int i = 0; i < depth; i++) {
            type = new Proto().message(4, new Proto().message(1, type));
        }
        return new Proto().text(1, "deep").message(2, type);
    }

    private static Proto function(String name, Proto... nodes) {
        Proto function = new Proto().text(1, name).text(4, "a").text(5, "b").text(10, "own");
        for (Proto node : nodes) {
            function.message(7, node);
        }
        return function;
    }

    private static byte[] recursive() {
        Proto call = node("F", List.of("x"), "probability").text(7, "own");
        return head().message(7, new Proto().message(1, call).text(2, "g").message(11, value("x", FLOAT, ANY, 1)))
                .message(25, function("F", node("F", List.of("a"), "b").text(7, "own")))
                .bytes();
    }

    private static byte[] doubling() {
        Proto call = node("F" + (FUNCTIONS - 1), List.of("x"), "probability").text(7, "own");
        Proto model =
                head().message(7, new Proto().message(1, call).text(2, "g").message(11, value("x", FLOAT, ANY, 1)));
        model.message(25, function("F0", node("Sigmoid", List.of("a"), "b")));
        for (int i = 1; i < FUNCTIONS; i++) {
            String below = "F" + (i - 1);
            model.message(
                    25,
                    function(
                            "F" + i,
                            node(below, List.of("a"), "c").text(7, "own"),
                            node(below, List.of("c"), "b").text(7, "own")));
        }
        return model.bytes();
    }
}
