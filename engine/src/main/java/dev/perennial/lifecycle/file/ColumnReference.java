package dev.perennial.lifecycle.file;

/** A place of a lifecycle file that names a column of a source. */
public record ColumnReference(String source, String column, int line, int position, String field) {
    Place place() {
        return new Place(line, position, field);
    }
}
