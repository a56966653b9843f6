package dev.perennial.scorer.serving;

import dev.perennial.scoring.Row;
import dev.perennial.tensors.Tensor;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rows that lie in columns of numbers. A row becomes an object when somebody asks for it, and gets an id when somebody asks for that, once
 * for all. One thread after the other.
 */
public final class ColumnRows extends AbstractList<Instance> implements RandomAccess {
    private final Schema schema;
    private final List<Tensor> tensors;
    private final double[][] numbers;
    private final boolean[] given;
    private final int rows;
    private final long millis;
    private final @Nullable String request;
    private final Supplier<String> newIds;
    private final @Nullable String[] ids;
    private final @Nullable Instance[] instances;

    /**
     * @param tensors of a finite number or NaN for each row, of columns of numbers that the schema has, each once
     * @param millis when the rows are predicted
     * @param request name of the request, which with a number names each row; null lets {@code newIds} name them
     */
    public ColumnRows(
            Schema schema, List<Tensor> tensors, long millis, @Nullable String request, Supplier<String> newIds) {
        this.schema = schema;
        this.tensors = tensors;
        this.rows = tensors.getFirst().elements();
        this.numbers = new double[schema.union().size()][0];
        this.given = new boolean[numbers.length];
        this.millis = millis;
        this.request = request;
        this.newIds = newIds;
        this.ids = new @Nullable String[rows];
        this.instances = new @Nullable Instance[rows];
        for (Tensor tensor : tensors) {
            int column = schema.union().position(tensor.name());
            given[column] = true;
            numbers[column] = tensor.numbers();
        }
    }

    /** Whether every column that the endpoint's callers must send is there. */
    public boolean complete() {
        for (int i = 0; i < given.length; i++) {
            if (!given[i] && schema.required(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether no number is infinite. */
    public boolean finite() {
        for (double[] column : numbers) {
            for (double value : column) {
                if (Double.isInfinite(value)) {
                    return false;
                }
            }
        }
        return true;
    }

    List<Tensor> tensors() {
        return tensors;
    }

    double[][] numbers() {
        return numbers;
    }

    long millis() {
        return millis;
    }

    /** The prediction id of a row. */
    String id(int row) {
        String id = ids[row];
        if (id == null) {
            id = request == null ? newIds.get() : request + "#" + row;
            ids[row] = id;
        }
        return id;
    }

    /** The prediction ids; each is made when it is asked for. */
    List<String> ids() {
        return new AbstractList<>() {
            @Override
            public String get(int row) {
                return id(row);
            }

            @Override
            public int size() {
                return rows;
            }
        };
    }

    @Override
    public Instance get(int number) {
        Instance instance = instances[number];
        if (instance == null) {
            Row row = new Row(numbers.length);
            for (int i = 0; i < numbers.length; i++) {
                if (given[i]) {
                    row.number(i, numbers[i][number]);
                }
            }
            instance = new Instance(id(number), millis, millis, row, given);
            instances[number] = instance;
        }
        return instance;
    }

    @Override
    public int size() {
        return rows;
    }
}
