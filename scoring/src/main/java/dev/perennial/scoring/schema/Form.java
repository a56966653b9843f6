package dev.perennial.scoring.schema;

/** How values came, which decides what MLflow's own server makes of them. */
public enum Form {
    /** {@code dataframe_split} and {@code dataframe_records}: pandas guesses a type for each column and casts it. */
    FRAME,
    /** {@code inputs} and {@code instances}: numpy casts value by value. */
    ARRAY,
    /** CSV: pandas parses texts. */
    CSV
}
