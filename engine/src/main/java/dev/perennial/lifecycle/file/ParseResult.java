package dev.perennial.lifecycle.file;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What parsing gave: the file when there is no problem, else every problem in file order.
 *
 * @param references each place that names a column, so that whoever sees the data can check that the columns exist
 */
public record ParseResult(Optional<LifecycleFile> file, List<Problem> problems, List<ColumnReference> references) {
    public ParseResult {
        problems = List.copyOf(problems);
        references = List.copyOf(references);
    }

    public boolean valid() {
        return file.isPresent();
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
