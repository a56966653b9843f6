package dev.perennial.scoring;

import java.util.List;

/**
 * A loaded model. Thread-safe; must not be closed while it scores. A score is a finite number; for a classifier the probability of the
 * positive class.
 */
public interface Model extends AutoCloseable {
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

    /** Whether a call runs foreign code of unknown duration, which must not run on an event loop. */
    boolean foreign();

    @Override
    void close();
}
