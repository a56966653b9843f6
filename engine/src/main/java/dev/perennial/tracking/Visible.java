package dev.perennial.tracking;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The experiments that a search may show: of one project all, or only some.
 *
 * @param only ids, when it is not the whole project
 */
public record Visible(String project, boolean whole, List<Long> only) {
    /** Where everything is that names no project. */
    public static final String DEFAULT_PROJECT = "default";

    public Visible {
        only = List.copyOf(only);
    }

    public static Visible all(String project) {
        return new Visible(project, true, List.of());
    }

    /** As a condition on a row of {@code experiment}; the ids are numbers and need no binding, the project is bound by the caller. */
    public String condition(String alias, String project) {
        String there = alias + ".project = " + project;
        if (whole) {
            return there;
        }
        return only.isEmpty()
                ? "1 = 0"
                : there + " and " + alias + ".id in ("
                        + only.stream().map(String::valueOf).collect(Collectors.joining(", ")) + ")";
    }
}
