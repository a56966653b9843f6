package dev.perennial.lifecycle.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What parsing gave: the file when there is no problem, else every problem in file order.
 *
 * @param references each place that names a column, so that whoever sees the data can check that the columns exist
 * @param sources the place of each source's file
 */
public record ParseResult(
        Optional<LifecycleFile> file,
        List<Problem> problems,
        List<ColumnReference> references,
        List<SourceReference> sources) {
    private static final int FITTING_MAX = 10;

    public ParseResult {
        problems = List.copyOf(problems);
        references = List.copyOf(references);
        sources = List.copyOf(sources);
    }

    public boolean valid() {
        return file.isPresent();
    }

    /**
     * Problems of a file against its real sources: files that cannot be read, columns that are not there, columns of a type that their use
     * cannot take. Sources without an entry are skipped.
     */
    public List<Problem> against(Map<String, SourceDescription> described) {
        Problems found = new Problems();
        Map<String, List<String>> names = new TreeMap<>();
        described.forEach((source, description) -> {
            if (description.failure() == null) {
                names.put(source, List.copyOf(description.columns().keySet()));
            }
        });
        for (SourceReference reference : sources) {
            SourceDescription description = described.get(reference.source());
            if (description != null && description.failure() != null) {
                found.add(
                        reference.place(),
                        "source '" + reference.source() + "': " + description.failure(),
                        description.advice() == null ? "name another file" : description.advice());
            }
        }
        missingColumns(names).forEach(found::add);
        wrongTypes(described).forEach(found::add);
        return found.sorted();
    }

    private List<Problem> wrongTypes(Map<String, SourceDescription> described) {
        Problems found = new Problems();
        Set<String> told = new TreeSet<>();
        for (ColumnReference reference : references) {
            SourceDescription description = described.get(reference.source());
            String type = description == null ? null : description.columns().get(reference.column());
            ColumnNeed need = reference.need();
            if (description != null
                    && type != null
                    && !need.met(type)
                    && told.add(reference.source() + "\0" + reference.column() + "\0" + need)) {
                found.add(
                        reference.place(),
                        "column '" + reference.column() + "' of source '" + reference.source() + "' holds "
                                + (type.equals("other") ? "lists, structures or bytes" : "values of type " + type)
                                + ", where " + need.words() + " is needed",
                        fitting(description, need));
            }
        }
        return found.sorted();
    }

    private static String fitting(SourceDescription description, ColumnNeed need) {
        List<String> fitting = new ArrayList<>();
        description.columns().forEach((column, type) -> {
            if (need.met(type)) {
                fitting.add(column);
            }
        });
        return fitting.isEmpty()
                ? "no column of this source is " + need.words() + "; change the source"
                : "name another column or change the source; " + need.words() + " is in "
                        + String.join(", ", fitting.subList(0, Math.min(FITTING_MAX, fitting.size())))
                        + (fitting.size() > FITTING_MAX ? ", ..." : "");
    }

    /** Problems of columns that a source does not have, given the real columns of each source; sources without an entry are skipped. */
    public List<Problem> missingColumns(Map<String, ? extends Iterable<String>> columnsBySource) {
        Problems found = new Problems();
        Set<String> told = new TreeSet<>();
        for (ColumnReference reference : references) {
            Iterable<String> columns = columnsBySource.get(reference.source());
            if (columns == null) {
                continue;
            }
            Set<String> existing = new TreeSet<>();
            columns.forEach(existing::add);
            if (!existing.contains(reference.column()) && told.add(reference.source() + "\0" + reference.column())) {
                found.add(
                        reference.place(),
                        "source '" + reference.source() + "' has no column '" + reference.column() + "'",
                        Nearest.advice(reference.column(), existing));
            }
        }
        return found.sorted();
    }
}
