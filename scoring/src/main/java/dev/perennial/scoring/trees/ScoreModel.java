package dev.perennial.scoring.trees;

import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.Tensor;
import java.util.List;

/** Trees that give each row one score: equal to the library's predictor to the last float digits. Thread-safe, no native code. */
final class ScoreModel implements TabularModel {
    private final Evaluator evaluator;

    ScoreModel(Evaluator evaluator) {
        this.evaluator = evaluator;
    }

    @Override
    public Signature signature() {
        return evaluator.signature();
    }

    @Override
    public double score(Row row) {
        return evaluator.one(row);
    }

    @Override
    public double[] scoreAll(List<Row> rows) {
        return evaluator.all(new RowSource(evaluator, rows), RunLimit.NONE);
    }

    @Override
    public List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
        return List.of(Tensor.doubles(SCORE, evaluator.all(ColumnSource.of(evaluator, inputs), limit)));
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
