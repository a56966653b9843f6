package dev.perennial.registry;

import java.util.List;

/**
 * The models that a search may show: of one project all, or only some.
 *
 * @param only names, when it is not the whole project
 */
public record VisibleModels(String project, boolean whole, List<String> only) {
    public VisibleModels {
        only = List.copyOf(only);
    }

    public static VisibleModels all(String project) {
        return new VisibleModels(project, true, List.of());
    }
}
