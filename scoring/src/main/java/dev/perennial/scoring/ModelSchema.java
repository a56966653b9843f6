package dev.perennial.scoring;

import dev.perennial.tensors.TensorSpec;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a model takes and gives.
 *
 * @param inputs tensors by which it is called; of a model of columns one for each column
 * @param outputs tensors that it gives, in its order; never empty
 * @param columns the columns of a model that takes one value for each column and row; null for a model of other tensors
 */
public record ModelSchema(
        List<TensorSpec> inputs,
        List<TensorSpec> outputs,
        @Nullable Signature columns) {
    public ModelSchema {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** Whether rows of named columns can be given to the model. */
    public boolean tabular() {
        return columns != null;
    }

    public Optional<TensorSpec> input(String name) {
        return inputs.stream().filter(spec -> spec.name().equals(name)).findFirst();
    }

    public Optional<TensorSpec> output(String name) {
        return outputs.stream().filter(spec -> spec.name().equals(name)).findFirst();
    }
}
