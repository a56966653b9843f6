package dev.perennial.lifecycle.file;

/**
 * A place of a lifecycle file that names a column of a source.
 *
 * @param need what the use asks of the column's type
 */
public record ColumnReference(String source, String column, ColumnNeed need, int line, int position, String field) {
    static ColumnReference at(Place place, String source, String column, ColumnNeed need) {
        return new ColumnReference(source, column, need, place.line(), place.column(), place.field());
    }

    Place place() {
        return new Place(line, position, field);
    }
}
