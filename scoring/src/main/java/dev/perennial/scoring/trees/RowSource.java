package dev.perennial.scoring.trees;

import dev.perennial.scoring.Row;
import java.util.List;

/** A batch of rows. */
record RowSource(Evaluator evaluator, List<Row> list) implements Evaluator.Source {
    @Override
    public int rows() {
        return list.size();
    }

    @Override
    public void row(int number, double[] into) {
        evaluator.encode(list.get(number), into);
    }
}
