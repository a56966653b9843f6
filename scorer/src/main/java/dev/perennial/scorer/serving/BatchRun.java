package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.scoring.ModelFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rows of several calls, scored together: each version scores all its rows at once, and row by row only where that fails, so that a
 * row that a model cannot take fails its own call and no other. Used once; not thread-safe.
 */
final class BatchRun {
    private final Router router;
    private final Endpoint endpoint;
    private final LongSupplier nanos;
    private final List<List<Cell>> calls = new ArrayList<>();

    /** A row, the version that the split chose for it, and what came out. */
    private static final class Cell {
        private final Instance row;
        private final Split.Choice choice;
        private Variant.Scored own = Variant.Scored.NONE;
        private Variant.Scored champion = Variant.Scored.NONE;
        private long ownMicros;
        private long championMicros;
        private @Nullable Routed instead;

        Cell(Instance row, Split.Choice choice) {
            this.row = row;
            this.choice = choice;
        }

        boolean canary() {
            return choice.canary() != null;
        }
    }

    /** @param nanos a clock that only ever grows */
    BatchRun(Router router, Endpoint endpoint, LongSupplier nanos) {
        this.nanos = nanos;
        this.router = router;
        this.endpoint = endpoint;
    }

    /** Adds the rows of a call. */
    void add(List<Instance> rows) {
        add(rows, null);
    }

    /** @param key who calls; null when each row's id decides */
    void add(List<Instance> rows, @Nullable String key) {
        calls.add(rows.stream()
                .map(row -> new Cell(row, endpoint.choose(row, key)))
                .toList());
    }

    /**
     * Scores everything that was added. While a candidate answers, the champion's rows that are compared with its own are scored apart from the
     * others, so that both are timed in batches of their like.
     */
    void score() {
        List<Cell> all = calls.stream().flatMap(List::stream).toList();
        endpoint.canaries().forEach(canary -> candidate(canary, all));
        if (endpoint.canaries().isEmpty()) {
            champion(all);
        } else {
            champion(all, cell -> !cell.canary() && cell.choice.control());
            champion(all, cell -> !cell.canary() && !cell.choice.control());
            champion(all, this::besideCandidate);
        }
        all.forEach(this::fallBack);
    }

    /** Whether the champion scores a candidate's row now: in its place, or beside it. */
    private boolean besideCandidate(Cell cell) {
        Variant canary = cell.choice.canary();
        return canary != null && (cell.own.failure() != null || Pairs.inline(endpoint, canary));
    }

    private void candidate(Variant canary, List<Cell> all) {
        List<Cell> cells =
                all.stream().filter(cell -> cell.choice.canary() == canary).toList();
        long start = nanos.getAsLong();
        List<Variant.Scored> scored = canary.scoreAll(rows(cells), endpoint.schema());
        long micros = microsOfARow(start, cells.size());
        for (int i = 0; i < cells.size(); i++) {
            Cell cell = cells.get(i);
            cell.own = scored.get(i);
            cell.ownMicros = micros;
            ModelFailure failure = cell.own.failure();
            if (failure == null) {
                canary.fuse().success();
            } else if (failure.kind() != ModelFailure.Kind.INPUT) {
                canary.fuse()
                        .failure(cell.row.id(), String.valueOf(failure.getMessage()))
                        .ifPresent(router::takeOut);
            }
        }
    }

    private void champion(List<Cell> all, Predicate<Cell> which) {
        champion(all.stream().filter(which).toList());
    }

    private void champion(List<Cell> cells) {
        long start = nanos.getAsLong();
        List<Variant.Scored> scored = endpoint.champion().scoreAll(rows(cells), endpoint.schema());
        long micros = microsOfARow(start, cells.size());
        for (int i = 0; i < cells.size(); i++) {
            cells.get(i).champion = scored.get(i);
            cells.get(i).championMicros = micros;
        }
    }

    /** Lets the declared fallback answer where the champion had to and failed. */
    private void fallBack(Cell cell) {
        ModelFailure failure = cell.champion.failure();
        if (failure != null && (!cell.canary() || cell.own.failure() != null)) {
            try {
                cell.instead = Predictor.instead(endpoint, cell.row, failure, nanos);
            } catch (ModelFailure e) {
                cell.instead = null; // the champion's failure is told
            }
        }
    }

    /** What a version took for each of the rows that it scored together. */
    private long microsOfARow(long start, int rows) {
        return TimeUnit.NANOSECONDS.toMicros(nanos.getAsLong() - start) / Math.max(1, rows);
    }

    private static List<Instance> rows(List<Cell> cells) {
        return cells.stream().map(cell -> cell.row).toList();
    }

    /** Why a call, counted in the order of {@link #add}, has no answer; null when it has one. */
    @Nullable
    ModelFailure failure(int call) {
        Cell cell = failed(call);
        return cell == null ? null : cell.champion.failure();
    }

    /** The row that a call failed by; null when it has an answer. */
    @Nullable
    Instance failedRow(int call) {
        Cell cell = failed(call);
        return cell == null ? null : cell.row;
    }

    private @Nullable Cell failed(int call) {
        for (Cell cell : calls.get(call)) {
            boolean needed = !cell.canary() || cell.own.failure() != null;
            if (needed && cell.champion.failure() != null && cell.instead == null) {
                return cell;
            }
        }
        return null;
    }

    /** The records of a call that has an answer. */
    List<PredictionRecord> records(int call) {
        return calls.get(call).stream().map(this::record).toList();
    }

    private PredictionRecord record(Cell cell) {
        Routed routed = cell.instead != null ? cell.instead : routed(cell);
        return routed.record(endpoint, cell.row);
    }

    private Routed routed(Cell cell) {
        Variant canary = cell.choice.canary();
        if (canary == null) {
            return Routed.champion(endpoint, cell.champion.score(), cell.championMicros, cell.choice.control());
        }
        ModelFailure failed = cell.own.failure();
        if (failed != null) {
            String error = String.valueOf(failed.getMessage());
            return Routed.fallback(endpoint, canary, error, cell.champion.score(), cell.championMicros);
        }
        return Pairs.inline(endpoint, canary)
                ? Routed.canary(endpoint, canary, cell.own.score(), cell.ownMicros, cell.champion.score())
                : Routed.alone(canary, cell.own.score(), cell.ownMicros);
    }
}
