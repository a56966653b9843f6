package dev.perennial.lifecycle.file;

import org.snakeyaml.engine.v2.nodes.Node;

/** Where in the file something stands: line and column from 1, and the path of the field. */
record Place(int line, int column, String field) {
    static final Place START = new Place(1, 1, "");

    static Place of(Node node, String field) {
        return node.getStartMark()
                .map(mark -> new Place(mark.getLine() + 1, mark.getColumn() + 1, field))
                .orElse(new Place(1, 1, field));
    }

    Place child(Node node, String key) {
        return of(node, field.isEmpty() ? key : field + "." + key);
    }

    /** The same place under the name of one of its keys: where a missing key is told. */
    Place missing(String key) {
        return new Place(line, column, field.isEmpty() ? key : field + "." + key);
    }
}
