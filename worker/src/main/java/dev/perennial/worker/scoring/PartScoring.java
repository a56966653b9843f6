package dev.perennial.worker.scoring;

import dev.perennial.scoring.Row;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scores the rows of one part as they are read, a batch at a time; its rows are filled again and again. Not thread-safe. */
final class PartScoring implements InputRows.Taker {
    private static final int BATCH_ROWS_MAX = 2_048;
    /** Of all rows of a batch together, so that a wide model takes no more memory than a narrow one. */
    private static final int CELLS_MAX = 1 << 18;

    private final RowScorer scorer;
    private final List<Row> pool = new ArrayList<>();
    private final int[] at;
    private Results results;
    private int filled;

    PartScoring(RowScorer scorer) {
        this.scorer = scorer;
        this.results = new Results(scorer.outputs(), 0);
        int width = scorer.signature().size();
        this.at = new int[Math.clamp(CELLS_MAX / width, 1, BATCH_ROWS_MAX)];
        for (int i = 0; i < at.length; i++) {
            pool.add(new Row(width));
        }
    }

    void begin(int capacity) {
        results = new Results(scorer.outputs(), capacity);
        filled = 0;
    }

    @Override
    public Row next() {
        Row row = pool.get(filled);
        row.clear();
        return row;
    }

    @Override
    public void filled(@Nullable String problem) {
        int place = results.add(problem);
        if (problem == null) {
            at[filled++] = place;
            if (filled == at.length) {
                flush();
            }
        }
    }

    Results end() {
        flush();
        return results;
    }

    private void flush() {
        if (filled > 0) {
            scorer.score(pool.subList(0, filled), at, results);
            filled = 0;
        }
    }
}
