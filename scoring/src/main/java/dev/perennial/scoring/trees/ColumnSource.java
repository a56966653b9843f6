package dev.perennial.scoring.trees;

import dev.perennial.scoring.ColumnTensors;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.util.Arrays;
import java.util.List;

/** A batch of columns, one tensor each, copied into numbers and category codes column by column. */
final class ColumnSource implements Evaluator.Source {
    private final int rows;
    private final double[][] columns;

    private ColumnSource(int rows, double[][] columns) {
        this.rows = rows;
        this.columns = columns;
    }

    /** @throws dev.perennial.scoring.ModelFailure when the tensors are not the model's columns */
    static ColumnSource of(Evaluator evaluator, List<Tensor> inputs) {
        int rows = inputs.isEmpty() ? 0 : inputs.getFirst().elements();
        double[][] columns = new double[evaluator.signature().size()][];
        for (Tensor input : ColumnTensors.checked(evaluator.signature(), inputs)) {
            double[] values = new double[rows];
            for (int i = 0; i < rows; i++) {
                values[i] = input.type() == DataType.BYTES ? 0 : input.number(i);
            }
            int at = evaluator.signature().position(input.name());
            if (input.type() == DataType.BYTES) {
                for (int i = 0; i < rows; i++) {
                    values[i] = evaluator.codes().code(at, input.text(i));
                }
            }
            columns[at] = values;
        }
        double[] missing = new double[0];
        for (int i = 0; i < columns.length; i++) {
            if (columns[i] == null) {
                if (missing.length != rows) {
                    missing = new double[rows];
                    Arrays.fill(missing, Double.NaN);
                }
                columns[i] = missing;
            }
        }
        return new ColumnSource(rows, columns);
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public void row(int number, double[] into) {
        for (int i = 0; i < into.length; i++) {
            into[i] = columns[i][number];
        }
    }
}
