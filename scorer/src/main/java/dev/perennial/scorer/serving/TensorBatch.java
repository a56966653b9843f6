package dev.perennial.scorer.serving;

import dev.perennial.scoring.ModelSchema;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Joins the tensors of several calls into one call along their first dimension, and parts the answer again. */
final class TensorBatch {
    private final int[] rows;
    private final List<Tensor> inputs;

    private TensorBatch(int[] rows, List<Tensor> inputs) {
        this.rows = rows;
        this.inputs = inputs;
    }

    /** Whether rows of different calls may go through the model together. */
    static boolean possible(ModelSchema schema) {
        return schema.inputs().stream().allMatch(TensorBatch::open)
                && schema.outputs().stream().allMatch(TensorBatch::open);
    }

    private static boolean open(TensorSpec spec) {
        return !spec.shape().isEmpty() && spec.shape().getFirst() == -1;
    }

    /** Whether the two have the same inputs, types and sizes beside the first. */
    static boolean alike(List<Tensor> one, List<Tensor> other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < one.size(); i++) {
            Tensor a = one.get(i);
            Tensor b = other.get(i);
            if (!a.name().equals(b.name()) || a.type() != b.type() || !Arrays.equals(tail(a), tail(b))) {
                return false;
            }
        }
        return true;
    }

    private static long[] tail(Tensor tensor) {
        long[] shape = tensor.shape();
        return shape.length == 0 ? shape : Arrays.copyOfRange(shape, 1, shape.length);
    }

    /**
     * Joins calls that are alike.
     *
     * @return empty when the inputs of one call have different numbers of rows, or the sum is too large
     */
    static Optional<TensorBatch> join(List<List<Tensor>> calls) {
        int[] rows = new int[calls.size()];
        long total = 0;
        for (int i = 0; i < rows.length; i++) {
            for (Tensor input : calls.get(i)) {
                if (input.shape().length == 0
                        || input.rows() != calls.get(i).getFirst().rows()) {
                    return Optional.empty();
                }
            }
            rows[i] = (int) calls.get(i).getFirst().rows();
            total += rows[i];
        }
        List<Tensor> joined = new ArrayList<>();
        for (int input = 0; input < calls.getFirst().size(); input++) {
            int at = input;
            List<Tensor> parts = calls.stream().map(call -> call.get(at)).toList();
            long elements = parts.stream().mapToLong(Tensor::elements).sum();
            if (elements > Integer.MAX_VALUE / Long.BYTES) {
                return Optional.empty();
            }
            joined.add(joined(parts, (int) elements, total));
        }
        return Optional.of(new TensorBatch(rows, joined));
    }

    private static Tensor joined(List<Tensor> parts, int elements, long rows) {
        Tensor first = parts.getFirst();
        long[] shape = first.shape();
        shape[0] = rows;
        if (first.type() == DataType.BYTES) {
            byte[][] strings = new byte[elements][];
            int next = 0;
            for (Tensor part : parts) {
                for (int i = 0; i < part.elements(); i++) {
                    strings[next++] = part.string(i);
                }
            }
            return Tensor.bytes(first.name(), shape, strings);
        }
        ByteBuffer raw = ByteBuffer.allocate(elements * first.type().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        parts.forEach(part -> raw.put(part.raw()));
        return Tensor.of(first.name(), first.type(), shape, raw.flip());
    }

    List<Tensor> inputs() {
        return inputs;
    }

    /**
     * Parts what the model gave for all rows into what it gave for each call.
     *
     * @return empty when an output has not one entry for each row
     */
    Optional<List<List<Tensor>>> part(List<Tensor> outputs) {
        int total = Arrays.stream(rows).sum();
        List<List<Tensor>> parts = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            parts.add(new ArrayList<>());
        }
        for (Tensor output : outputs) {
            if (output.shape().length == 0 || output.rows() != total) {
                return Optional.empty();
            }
            int from = 0;
            for (int i = 0; i < rows.length; i++) {
                parts.get(i).add(slice(output, from, rows[i], total));
                from += rows[i];
            }
        }
        return Optional.of(parts);
    }

    private static Tensor slice(Tensor output, int from, int rows, int total) {
        long[] shape = output.shape();
        shape[0] = rows;
        int width = total == 0 ? 0 : output.elements() / total;
        if (output.type() == DataType.BYTES) {
            byte[][] strings = new byte[rows * width][];
            for (int i = 0; i < strings.length; i++) {
                strings[i] = output.string(from * width + i);
            }
            return Tensor.bytes(output.name(), shape, strings);
        }
        int bytes = width * output.type().bytes();
        return Tensor.of(output.name(), output.type(), shape, output.raw().slice(from * bytes, rows * bytes));
    }
}
