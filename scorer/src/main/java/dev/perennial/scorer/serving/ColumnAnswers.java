package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.Role;
import java.util.AbstractList;
import java.util.RandomAccess;

/** What one version answered to rows that lie in columns. An answer becomes an object when somebody asks for it. */
public final class ColumnAnswers extends AbstractList<Answer> implements RandomAccess {
    private final ColumnRows rows;
    private final String version;
    private final double[] scores;

    /** @param scores by row */
    ColumnAnswers(ColumnRows rows, String version, double[] scores) {
        this.rows = rows;
        this.version = version;
        this.scores = scores;
    }

    /** The scores themselves, not a copy. */
    public double[] scores() {
        return scores;
    }

    /** The version that answered every row, which is the champion. */
    String version() {
        return version;
    }

    @Override
    public Answer get(int row) {
        return new Answer(rows.id(row), scores[row], version, Role.CHAMPION);
    }

    @Override
    public int size() {
        return scores.length;
    }
}
