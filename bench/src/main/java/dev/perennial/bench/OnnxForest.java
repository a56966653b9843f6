package dev.perennial.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * An XGBoost forest of numbers as an ONNX graph with one TreeEnsembleRegressor, the operator into which converters put it, and a sigmoid:
 * written here field by field, so that no converter and no large file is needed.
 */
final class OnnxForest {
    static final String INPUT = "rows";
    private static final String SUMS = "sums";
    private static final String OUTPUT = "scores";
    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;
    private static final int FLOATS = 6;
    private static final int INTS = 7;
    private static final int STRINGS = 8;
    private static final int INT = 2;
    private static final int SEVEN = 7;

    private final JsonNode learner;
    private final int width;
    private final Message treeIds = new Message();
    private final Message nodeIds = new Message();
    private final Message features = new Message();
    private final Message modes = new Message();
    private final Floats thresholds = new Floats();
    private final Message lefts = new Message();
    private final Message rights = new Message();
    private final Message missing = new Message();
    private final Message leafTrees = new Message();
    private final Message leafNodes = new Message();
    private final Message leafTargets = new Message();
    private final Floats leafWeights = new Floats();

    OnnxForest(JsonNode model, int width) {
        this.learner = model.get("learner");
        this.width = width;
    }

    byte[] file() {
        int number = 0;
        for (JsonNode tree : learner.at("/gradient_booster/model/trees")) {
            tree(tree, number++);
        }
        String text = learner.at("/learner_model_param/base_score").asText().replaceAll("[\\[\\]]", "");
        float score = Float.parseFloat(text);
        Floats base = new Floats();
        base.add((float) -Math.log(1 / score - 1));
        Message node = new Message()
                .text(1, INPUT)
                .text(2, SUMS)
                .text(4, "TreeEnsembleRegressor")
                .message(5, attribute("n_targets", INT).number(3, 1))
                .message(5, attribute("base_values", FLOATS).bytes(SEVEN, base.toBytes()))
                .message(5, ints("nodes_treeids", treeIds))
                .message(5, ints("nodes_nodeids", nodeIds))
                .message(5, ints("nodes_featureids", features))
                .message(5, attribute("nodes_modes", STRINGS).append(modes))
                .message(5, attribute("nodes_values", FLOATS).bytes(SEVEN, thresholds.toBytes()))
                .message(5, ints("nodes_truenodeids", lefts))
                .message(5, ints("nodes_falsenodeids", rights))
                .message(5, ints("nodes_missing_value_tracks_true", missing))
                .message(5, ints("target_treeids", leafTrees))
                .message(5, ints("target_nodeids", leafNodes))
                .message(5, ints("target_ids", leafTargets))
                .message(5, attribute("target_weights", FLOATS).bytes(SEVEN, leafWeights.toBytes()))
                .text(SEVEN, "ai.onnx.ml");
        Message graph = new Message()
                .message(1, node)
                .message(1, new Message().text(1, SUMS).text(2, OUTPUT).text(4, "Sigmoid"))
                .text(2, "forest")
                .message(11, matrix(INPUT, width))
                .message(12, matrix(OUTPUT, 1));
        return new Message()
                .number(1, IR_VERSION)
                .message(SEVEN, graph)
                .message(8, new Message().text(1, "").number(2, OPSET))
                .message(8, new Message().text(1, "ai.onnx.ml").number(2, 3))
                .toBytes();
    }

    private void tree(JsonNode tree, int number) {
        JsonNode left = tree.get("left_children");
        for (int i = 0; i < left.size(); i++) {
            boolean leaf = left.get(i).asInt() < 0;
            float value = (float) tree.get("split_conditions").get(i).asDouble();
            treeIds.number(8, number);
            nodeIds.number(8, i);
            features.number(8, tree.get("split_indices").get(i).asInt());
            modes.text(9, leaf ? "LEAF" : "BRANCH_LT");
            thresholds.add(leaf ? 0 : value);
            lefts.number(8, leaf ? 0 : left.get(i).asInt());
            rights.number(8, leaf ? 0 : tree.get("right_children").get(i).asInt());
            missing.number(8, tree.get("default_left").get(i).asInt());
            if (leaf) {
                leafTrees.number(8, number);
                leafNodes.number(8, i);
                leafTargets.number(8, 0);
                leafWeights.add(value);
            }
        }
    }

    private static Message attribute(String name, int type) {
        return new Message().text(1, name).number(20, type);
    }

    private static Message ints(String name, Message numbers) {
        return attribute(name, INTS).append(numbers);
    }

    private static Message matrix(String name, int columns) {
        Message shape =
                new Message().message(1, new Message().text(2, "n")).message(1, new Message().number(1, columns));
        Message tensor = new Message().number(1, 1).message(2, shape);
        return new Message().text(1, name).message(2, new Message().message(1, tensor));
    }

    /** Packed floats. */
    private static final class Floats {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteBuffer one = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);

        void add(float value) {
            out.writeBytes(one.putFloat(0, value).array());
        }

        byte[] toBytes() {
            return out.toByteArray();
        }
    }

    /** A protocol buffer message. */
    private static final class Message {
        private static final int LOW = 0x7f;
        private static final int GROUP = 7;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint((long) field << 3 | VARINT);
            varint(value);
            return this;
        }

        Message bytes(int field, byte[] value) {
            varint((long) field << 3 | BYTES);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.toBytes());
        }

        Message append(Message fields) {
            out.writeBytes(fields.toBytes());
            return this;
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~LOW) != 0) {
                out.write((int) (rest & LOW | LOW + 1));
                rest >>>= GROUP;
            }
            out.write((int) rest);
        }

        byte[] toBytes() {
            return out.toByteArray();
        }
    }
}
