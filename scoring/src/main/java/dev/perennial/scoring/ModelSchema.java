package dev.perennial.scoring;

import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
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

    /** Of a model that gives each row of these columns one score. */
    public static ModelSchema ofColumns(Signature columns) {
        return new ModelSchema(
                ColumnTensors.specs(columns), List.of(TensorSpec.column(TabularModel.SCORE, DataType.FP64)), columns);
    }

    /**
     * The tensors of a call in the order of the inputs.
     *
     * @throws PerennialException naming an input that is unknown, stands twice, is missing, or has another type or shape; the caller's
     *     fault
     */
    public List<Tensor> arranged(List<Tensor> given) {
        @Nullable Tensor[] found = new @Nullable Tensor[inputs.size()];
        for (Tensor tensor : given) {
            int at = position(tensor.name());
            if (found[at] != null) {
                throw refused(tensor.name(), "stands twice in the request");
            }
            TensorSpec spec = inputs.get(at);
            if (spec.type() != tensor.type()) {
                throw refused(tensor.name(), "is " + tensor.type() + ", the model takes " + spec.type());
            }
            if (!spec.fits(tensor.shape())) {
                throw refused(
                        tensor.name(),
                        "has the shape " + Arrays.toString(tensor.shape()) + ", the model takes " + spec.shape());
            }
            found[at] = tensor;
        }
        List<Tensor> arranged = new ArrayList<>(found.length);
        for (int i = 0; i < found.length; i++) {
            Tensor tensor = found[i];
            if (tensor == null) {
                throw refused(inputs.get(i).name(), "is missing");
            }
            arranged.add(tensor);
        }
        return arranged;
    }

    private int position(String name) {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).name().equals(name)) {
                return i;
            }
        }
        throw refused(
                name,
                "is no input of the model; it takes "
                        + inputs.stream().map(TensorSpec::name).toList());
    }

    private static PerennialException refused(String input, String why) {
        return PerennialException.invalid(input, "input '" + input + "' " + why);
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
