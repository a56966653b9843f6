package dev.perennial.worker.scoring;

import dev.perennial.worker.StepFailure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The columns that a result has beyond those of its input.
 *
 * @param model those of the model
 * @param version the version that scored, in every row
 */
record Added(List<OutputColumn> model, String version) {
    static final String VERSION = "version";
    static final String ERROR = "error";

    /** Their names in their order. */
    List<String> names() {
        List<String> names =
                new ArrayList<>(model.stream().map(OutputColumn::name).toList());
        names.add(VERSION);
        names.add(ERROR);
        return names;
    }

    /** Refuses an input in which columns have the same name, or one of ours. */
    void fit(Collection<String> columns) {
        Set<String> seen = new HashSet<>();
        for (String column : columns) {
            if (!seen.add(column)) {
                throw new StepFailure(StepFailure.Kind.CONFIG, "the file has two columns '" + column + "'; rename one");
            }
        }
        for (String name : names()) {
            if (seen.contains(name)) {
                throw new StepFailure(
                        StepFailure.Kind.CONFIG,
                        "the file has a column '" + name + "', and the result would have another; rename it");
            }
        }
    }
}
