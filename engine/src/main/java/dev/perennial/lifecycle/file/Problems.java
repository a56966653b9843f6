package dev.perennial.lifecycle.file;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects the problems of one file; not thread-safe. */
final class Problems {
    /** More than this helps nobody. */
    static final int PROBLEMS_MAX = 100;

    private final List<Problem> found = new ArrayList<>();

    void add(Place place, String message, String advice) {
        if (found.size() < PROBLEMS_MAX) {
            found.add(new Problem(place.line(), place.column(), place.field(), message, advice));
        }
    }

    void add(Problem problem) {
        if (found.size() < PROBLEMS_MAX) {
            found.add(problem);
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /** Whether something at or below this field is already known to be wrong. */
    boolean concern(String field) {
        return found.stream()
                .anyMatch(problem -> problem.field().equals(field)
                        || problem.field().startsWith(field + ".")
                        || problem.field().startsWith(field + "["));
    }

    List<Problem> sorted() {
        return found.stream()
                .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
                .toList();
    }
}
