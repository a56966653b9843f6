package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.PredictionRecord.Failure;
import dev.perennial.predictionlog.PredictionRecord.Paired;
import dev.perennial.predictionlog.Role;
import dev.perennial.scoring.ModelFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The rows of several calls, scored together: each version scores all its rows at once, and row by row only where that fails, so that a
 * row that a model cannot take fails its own call and no other. Used once; not thread-safe.
 */
final class BatchRun {
    private final Router router;
    private final Endpoint endpoint;
    private final List<List<Cell>> calls = new ArrayList<>();

    /** A row, the version that the split chose for it, and what came out. */
    private static final class Cell {
        private final Instance row;
        private final Split.Choice choice;
        private Variant.Scored own = Variant.Scored.NONE;
        private Variant.Scored champion = Variant.Scored.NONE;

        Cell(Instance row, Split.Choice choice) {
            this.row = row;
            this.choice = choice;
        }

        boolean canary() {
            return choice.canary() != null;
        }
    }

    BatchRun(Router router, Endpoint endpoint) {
        this.router = router;
        this.endpoint = endpoint;
    }

    /** Adds the rows of a call. */
    void add(List<Instance> rows) {
        calls.add(rows.stream().map(row -> new Cell(row, endpoint.choose(row))).toList());
    }

    /** Scores everything that was added. */
    void score() {
        List<Cell> all = calls.stream().flatMap(List::stream).toList();
        for (Variant canary : endpoint.canaries()) {
            List<Cell> cells =
                    all.stream().filter(cell -> cell.choice.canary() == canary).toList();
            List<Variant.Scored> scored = canary.scoreAll(rows(cells), endpoint.schema());
            for (int i = 0; i < cells.size(); i++) {
                Cell cell = cells.get(i);
                cell.own = scored.get(i);
                ModelFailure failure = cell.own.failure();
                if (failure == null) {
                    canary.fuse().success();
                } else {
                    canary.fuse()
                            .failure(cell.row.id(), String.valueOf(failure.getMessage()))
                            .ifPresent(router::takeOut);
                }
            }
        }
        List<Variant.Scored> champion = endpoint.champion().scoreAll(rows(all), endpoint.schema());
        for (int i = 0; i < all.size(); i++) {
            all.get(i).champion = champion.get(i);
        }
    }

    private static List<Instance> rows(List<Cell> cells) {
        return cells.stream().map(cell -> cell.row).toList();
    }

    /** Why a call, counted in the order of {@link #add}, has no answer; null when it has one. */
    @Nullable
    ModelFailure failure(int call) {
        for (Cell cell : calls.get(call)) {
            boolean needed = !cell.canary() || cell.own.failure() != null;
            if (needed && cell.champion.failure() != null) {
                return cell.champion.failure();
            }
        }
        return null;
    }

    /** The records of a call that has an answer. */
    List<PredictionRecord> records(int call, long since) {
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - since);
        return calls.get(call).stream().map(cell -> record(cell, micros)).toList();
    }

    private PredictionRecord record(Cell cell, long micros) {
        Variant canary = cell.choice.canary();
        String champion = endpoint.championVersion();
        PredictionRecord.Answer answer;
        @Nullable Paired paired = null;
        @Nullable Failure failure = null;
        ModelFailure failed = cell.own.failure();
        if (canary == null) {
            answer = new PredictionRecord.Answer(
                    champion, Role.CHAMPION, cell.champion.score(), cell.choice.control(), micros);
        } else if (failed == null) {
            answer = new PredictionRecord.Answer(canary.version(), Role.CANARY, cell.own.score(), false, micros);
            paired = new Paired(champion, cell.champion.score());
        } else {
            answer = new PredictionRecord.Answer(champion, Role.FALLBACK, cell.champion.score(), false, micros);
            failure = new Failure(canary.version(), String.valueOf(failed.getMessage()));
        }
        Instance row = cell.row;
        var features = new LoggedFeatures(
                endpoint.schema().logColumns(), row.row().numbers(), row.row().texts());
        return new PredictionRecord(row.id(), answer, row.predictedAt(), row.eventTime(), features, paired, failure);
    }
}
