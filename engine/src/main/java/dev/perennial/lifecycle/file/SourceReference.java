package dev.perennial.lifecycle.file;

/** The place of a lifecycle file that names a source's file. */
public record SourceReference(String source, int line, int position, String field) {
    Place place() {
        return new Place(line, position, field);
    }
}
