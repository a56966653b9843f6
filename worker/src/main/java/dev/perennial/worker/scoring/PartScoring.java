package dev.perennial.worker.scoring;

import dev.perennial.scoring.Row;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scores the rows of one part as they are read, a batch at a time; its rows are filled again and again. Not thread-safe. */
final class PartScoring implements InputRows.Taker {
    private static final int BATCH_ROWS = 2_048;

    private final RowScorer scorer;
    private final List<Row> pool = new ArrayList<>(BATCH_ROWS);
    private final int[] at = new int[BATCH_ROWS];
    private Results results;
    private int filled;

    PartScoring(RowScorer scorer) {
        this.scorer = scorer;
        this.results = new Results(scorer.outputs(), 0);
        for (int i = 0; i < BATCH_ROWS; i++) {
            pool.add(new Row(scorer.signature().size()));
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
            if (filled == BATCH_ROWS) {
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
