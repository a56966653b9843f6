package dev.perennial.tensors;

import java.util.List;

/**
 * What a model says of one of its inputs or outputs.
 *
 * @param shape sizes of the dimensions, the first of which counts rows; -1 where any size fits
 */
public record TensorSpec(String name, DataType type, List<Long> shape) {
    public TensorSpec {
        shape = List.copyOf(shape);
    }

    /** One value for each row. */
    public static TensorSpec column(String name, DataType type) {
        return new TensorSpec(name, type, List.of(-1L));
    }

    /** Whether a tensor of that shape fits. */
    public boolean fits(long[] actual) {
        if (actual.length != shape.size()) {
            return false;
        }
        for (int i = 0; i < actual.length; i++) {
            if (shape.get(i) >= 0 && shape.get(i) != actual[i]) {
                return false;
            }
        }
        return true;
    }
}
