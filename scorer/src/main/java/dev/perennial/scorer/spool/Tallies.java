package dev.perennial.scorer.spool;

import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.Tally;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts by minute, version and role what was answered and what of it is logged, until it is told in a segment. Costs a comparison or two
 * for a row. Not thread-safe.
 */
final class Tallies {
    /** Counts of more minutes than fit are added to those of another minute, so that sums stay exact. */
    private static final int CELLS_MAX = 10_000;

    private final Map<String, List<Cell>> endpoints = new HashMap<>();

    private static final class Cell {
        private final long minute;
        private final String version;
        private final Role role;
        private long rows;
        private long logged;
        private long errors;

        Cell(long minute, String version, Role role) {
            this.minute = minute;
            this.version = version;
            this.role = role;
        }

        boolean visible() {
            return rows == logged && errors == 0;
        }

        Tally tally() {
            return new Tally(minute, version, role, rows, logged, errors);
        }
    }

    /**
     * Rows that were answered.
     *
     * @param logged those of them that are in the log
     */
    void answered(String endpoint, long minute, List<PredictionRecord> answered, List<PredictionRecord> logged) {
        for (PredictionRecord record : answered) {
            cell(endpoint, minute, record.version(), record.role()).rows++;
        }
        for (PredictionRecord record : logged) {
            cell(endpoint, minute, record.version(), record.role()).logged++;
        }
    }

    /** Rows that the champion answered together; so many of them are in the log. */
    void answered(String endpoint, long minute, String version, int rows, int logged) {
        Cell cell = cell(endpoint, minute, version, Role.CHAMPION);
        cell.rows += rows;
        cell.logged += logged;
    }

    /** A request that a version failed to answer. */
    void failed(String endpoint, long minute, String version) {
        cell(endpoint, minute, version, Role.CHAMPION).errors++;
    }

    List<String> endpoints() {
        return List.copyOf(endpoints.keySet());
    }

    /**
     * What is to be told of an endpoint; it is forgotten here.
     *
     * @param all also minutes of which the log holds everything
     * @param before minutes from this one on stay
     */
    List<Tally> take(String endpoint, boolean all, long before) {
        List<Tally> told = new ArrayList<>();
        List<Cell> cells = endpoints.getOrDefault(endpoint, List.of());
        cells.removeIf(cell -> {
            if (cell.minute >= before) {
                return false;
            }
            if (all || !cell.visible()) {
                told.add(cell.tally());
            }
            return true;
        });
        if (cells.isEmpty()) {
            endpoints.remove(endpoint);
        }
        return told;
    }

    /** Takes back what could not be told. */
    void back(String endpoint, List<Tally> untold) {
        for (Tally tally : untold) {
            Cell cell = cell(endpoint, tally.minute(), tally.version(), tally.role());
            cell.rows += tally.rows();
            cell.logged += tally.logged();
            cell.errors += tally.errors();
        }
    }

    private Cell cell(String endpoint, long minute, String version, Role role) {
        List<Cell> cells = endpoints.get(endpoint);
        if (cells == null) {
            cells = new ArrayList<>();
            endpoints.put(endpoint, cells);
        }
        @Nullable Cell like = null;
        for (int i = cells.size() - 1; i >= 0; i--) {
            Cell cell = cells.get(i);
            if (cell.role == role && cell.version.equals(version)) {
                if (cell.minute == minute) {
                    return cell;
                }
                like = cell;
            }
        }
        if (like != null && cells.size() >= CELLS_MAX) {
            return like;
        }
        Cell cell = new Cell(minute, version, role);
        cells.add(cell);
        return cell;
    }
}
