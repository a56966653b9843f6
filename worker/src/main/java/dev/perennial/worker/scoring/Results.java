package dev.perennial.worker.scoring;

import dev.perennial.worker.scoring.OutputColumn.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the model gave for the rows of one part, or why it gave nothing. Filled from the first row on; not thread-safe. */
final class Results {
    private final List<OutputColumn> columns;
    private final double[][] numbers;
    private final long[][] wholes;
    private final @Nullable String[][] texts;
    private final @Nullable String[] errors;
    private int size;
    private int failed;

    Results(List<OutputColumn> columns, int capacity) {
        this.columns = columns;
        this.errors = new @Nullable String[capacity];
        this.numbers = new double[columns.size()][];
        this.wholes = new long[columns.size()][];
        this.texts = new @Nullable String[columns.size()][];
        for (int i = 0; i < columns.size(); i++) {
            numbers[i] = new double[columns.get(i).kind() == Kind.NUMBER ? capacity : 0];
            wholes[i] = new long[columns.get(i).kind() == Kind.WHOLE ? capacity : 0];
            texts[i] = new @Nullable String[columns.get(i).kind() == Kind.TEXT ? capacity : 0];
        }
    }

    List<OutputColumn> columns() {
        return columns;
    }

    /** Adds a row without results yet. */
    int add(@Nullable String problem) {
        errors[size] = problem;
        failed += problem == null ? 0 : 1;
        return size++;
    }

    void fail(int row, String problem) {
        if (errors[row] == null) {
            failed++;
        }
        errors[row] = problem;
    }

    void number(int column, int row, double value) {
        numbers[column][row] = value;
    }

    void whole(int column, int row, long value) {
        wholes[column][row] = value;
    }

    void text(int column, int row, @Nullable String value) {
        texts[column][row] = value;
    }

    int size() {
        return size;
    }

    /** How many rows have no result. */
    int failed() {
        return failed;
    }

    @Nullable
    String error(int row) {
        return errors[row];
    }

    /** The value of a row that has a result; null also for a text that the model left out. */
    @Nullable
    Object value(int column, int row) {
        if (errors[row] != null) {
            return null;
        }
        return switch (columns.get(column).kind()) {
            case NUMBER -> (Object) numbers[column][row];
            case WHOLE -> (Object) wholes[column][row];
            case TEXT -> texts[column][row];
        };
    }

    double number(int column, int row) {
        return numbers[column][row];
    }

    long whole(int column, int row) {
        return wholes[column][row];
    }
}
