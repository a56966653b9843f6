package dev.perennial.scoring;

import dev.perennial.tensors.Tensor;
import java.util.List;

/**
 * A model that gives each row of columns one score: a finite number, for a classifier the probability of the positive class. Thread-safe.
 */
public interface TabularModel extends Model {
    /** Name of the one output. */
    String SCORE = "score";

    Signature signature();

    /**
     * Scores one row that has the columns of the signature, in its order.
     *
     * @throws ModelFailure when the model cannot score this row
     */
    double score(Row row);

    /** Scores rows in order; fails as a whole. */
    default double[] scoreAll(List<Row> rows) {
        double[] scores = new double[rows.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = score(rows.get(i));
        }
        return scores;
    }

    @Override
    default ModelSchema schema() {
        return ModelSchema.ofColumns(signature());
    }

    @Override
    default List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
        return List.of(Tensor.doubles(SCORE, scoreAll(ColumnTensors.rows(signature(), inputs))));
    }
}
