package dev.perennial.scoring.trees;

import dev.perennial.scoring.ColumnTensors;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.RunLimit;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Trees of several classes: a probability for each class of each row, and first the likeliest class where the library answers with
 * that. Takes rows of columns. Thread-safe, no native code.
 */
final class ClassModel implements Model {
    /** Name of the output with a probability for each class. */
    static final String PROBABILITIES = "probabilities";
    /** Name of the output with the number of the likeliest class, of equal ones the first. */
    static final String LABEL = "label";

    private final Evaluator evaluator;
    private final ModelSchema schema;
    private final boolean label;

    ClassModel(Evaluator evaluator, boolean label) {
        this.evaluator = evaluator;
        this.label = label;
        List<TensorSpec> outputs = new ArrayList<>();
        if (label) {
            outputs.add(TensorSpec.column(LABEL, DataType.INT64));
        }
        outputs.add(new TensorSpec(PROBABILITIES, DataType.FP64, List.of(-1L, (long) evaluator.classes())));
        this.schema = new ModelSchema(ColumnTensors.specs(evaluator.signature()), outputs, evaluator.signature());
    }

    @Override
    public ModelSchema schema() {
        return schema;
    }

    @Override
    public List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
        ColumnSource source = ColumnSource.of(evaluator, inputs);
        double[] results = evaluator.all(source, limit);
        List<Tensor> outputs = new ArrayList<>();
        if (label) {
            outputs.add(labels(results, source.rows()));
        }
        ByteBuffer raw = ByteBuffer.allocate(results.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asDoubleBuffer().put(results);
        outputs.add(Tensor.of(PROBABILITIES, DataType.FP64, new long[] {source.rows(), evaluator.classes()}, raw));
        return List.copyOf(outputs);
    }

    private Tensor labels(double[] results, int rows) {
        int classes = evaluator.classes();
        ByteBuffer raw = ByteBuffer.allocate(rows * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < rows; row++) {
            int likeliest = 0;
            for (int i = 1; i < classes; i++) {
                if (results[row * classes + i] > results[row * classes + likeliest]) {
                    likeliest = i;
                }
            }
            raw.putLong(likeliest);
        }
        return Tensor.of(LABEL, DataType.INT64, new long[] {rows}, raw.flip());
    }

    @Override
    public boolean foreign() {
        return false;
    }

    @Override
    public void close() {
        // nothing native; the garbage collector takes the arrays
    }
}
