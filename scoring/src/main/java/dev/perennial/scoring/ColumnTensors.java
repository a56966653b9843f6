package dev.perennial.scoring;

import dev.perennial.predictionlog.ColumnType;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of columns from one tensor for each column. A NaN is a missing number; a tensor has no missing texts. */
public final class ColumnTensors {
    private ColumnTensors() {}

    /**
     * @throws ModelFailure for an unknown, missing or doubled column, for a type that is not the column's, and for unequal lengths
     */
    public static List<Row> rows(Signature signature, List<Tensor> inputs) {
        int rows = inputs.isEmpty() ? 0 : inputs.getFirst().elements();
        List<Row> result = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            result.add(new Row(signature.size()));
        }
        for (Tensor input : checked(signature, inputs)) {
            fill(result, signature.position(input.name()), input);
        }
        return result;
    }

    /** The inputs of a model that takes rows of these columns. */
    public static List<TensorSpec> specs(Signature signature) {
        return signature.columns().stream()
                .map(column -> TensorSpec.column(
                        column.name(), column.type() == ColumnType.CATEGORY ? DataType.BYTES : DataType.FP64))
                .toList();
    }

    /**
     * The same tensors, known to be columns of the signature with one value for each row.
     *
     * @throws ModelFailure as {@link #rows} does
     */
    public static List<Tensor> checked(Signature signature, List<Tensor> inputs) {
        @Nullable Tensor[] byColumn = new @Nullable Tensor[signature.size()];
        int rows = inputs.isEmpty() ? 0 : inputs.getFirst().elements();
        for (Tensor input : inputs) {
            int at = signature.position(input.name());
            if (at < 0 || byColumn[at] != null) {
                throw new ModelFailure("input '" + input.name() + "' is unknown or stands twice");
            }
            if (input.elements() != rows || input.rows() != rows) {
                throw new ModelFailure("input " + input + " has not one value for each of " + rows + " rows");
            }
            boolean text = input.type() == DataType.BYTES;
            if (text != (signature.column(at).type() == ColumnType.CATEGORY)) {
                throw new ModelFailure("input " + input + " is no "
                        + signature.column(at).type().word());
            }
            byColumn[at] = input;
        }
        for (int column = 0; column < byColumn.length; column++) {
            if (byColumn[column] == null && signature.column(column).required()) {
                throw new ModelFailure("column '" + signature.column(column).name() + "' is missing");
            }
        }
        return inputs;
    }

    private static void fill(List<Row> rows, int column, Tensor values) {
        for (int row = 0; row < rows.size(); row++) {
            if (values.type() == DataType.BYTES) {
                rows.get(row).text(column, values.text(row));
            } else {
                rows.get(row).number(column, values.number(row));
            }
        }
    }
}
