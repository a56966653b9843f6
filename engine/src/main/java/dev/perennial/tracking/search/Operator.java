package dev.perennial.tracking.search;

/** How a clause compares. */
public enum Operator {
    EQUAL("="),
    NOT_EQUAL("!="),
    GREATER(">"),
    GREATER_OR_EQUAL(">="),
    LESS("<"),
    LESS_OR_EQUAL("<="),
    LIKE("LIKE"),
    ILIKE("ILIKE");

    private final String text;

    Operator(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /** The spelling that both dialects share; not for the two kinds of LIKE. */
    public String sql() {
        return this == NOT_EQUAL ? "<>" : text;
    }

    /** Whether texts may be compared like this. */
    public boolean ofText() {
        return this == EQUAL || this == NOT_EQUAL || like();
    }

    public boolean like() {
        return this == LIKE || this == ILIKE;
    }
}
