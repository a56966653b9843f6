package dev.perennial.scorer.spool;

import dev.perennial.predictionlog.CallTally;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Calls of tensors by minute, version and group, until they are told in a segment. Not thread-safe. */
final class CallTallies {
    /** Calls of more minutes than fit are added to those of another minute, so that sums stay exact. */
    static final int CELLS_MAX = 10_000;

    private final Map<String, Map<Cell, CallTally>> endpoints = new LinkedHashMap<>();

    private record Cell(long minute, String version, CallTally.Group group) {
        static Cell of(CallTally tally) {
            return new Cell(tally.minute(), tally.version(), tally.group());
        }

        boolean like(Cell other) {
            return group == other.group && version.equals(other.version);
        }
    }

    void add(String endpoint, CallTally tally) {
        Map<Cell, CallTally> cells = endpoints.computeIfAbsent(endpoint, name -> new LinkedHashMap<>());
        Cell cell = Cell.of(tally);
        if (cells.size() >= CELLS_MAX && !cells.containsKey(cell)) {
            Cell full = cell;
            cell = cells.keySet().stream().filter(full::like).findFirst().orElse(full);
        }
        cells.merge(cell, tally, CallTally::plus);
    }

    List<String> endpoints() {
        return List.copyOf(endpoints.keySet());
    }

    /**
     * What is to be told of an endpoint; it is forgotten here.
     *
     * @param before minutes from this one on stay
     */
    List<CallTally> take(String endpoint, long before) {
        Map<Cell, CallTally> cells = endpoints.getOrDefault(endpoint, new LinkedHashMap<>());
        List<CallTally> told = new ArrayList<>();
        cells.values().removeIf(tally -> tally.minute() < before && told.add(tally));
        if (cells.isEmpty()) {
            endpoints.remove(endpoint);
        }
        return told;
    }
}
