package dev.perennial.scorer.http.mlflow;

import dev.perennial.scorer.http.JsonCursor;
import dev.perennial.scorer.http.RowBuilder;
import dev.perennial.scorer.http.UsualRows;
import dev.perennial.scorer.serving.Schema;
import dev.perennial.scoring.schema.FieldType;
import dev.perennial.scoring.schema.MlflowSignature;
import dev.perennial.scoring.schema.ScalarType;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code dataframe_split} in one pass: columns of the model alone, an index of numbers if any, and rows of values that strict casts
 * leave as they are. For one body.
 */
final class UsualSplit {
    private static final byte[] SPLIT = JsonCursor.ascii("dataframe_split");
    private static final byte[] COLUMNS = JsonCursor.ascii("columns");
    private static final byte[] INDEX = JsonCursor.ascii("index");
    private static final byte[] DATA = JsonCursor.ascii("data");

    private final UsualRows rows;
    private final JsonCursor json;
    private final MlflowSignature signature;
    private final List<Cell> cells = new ArrayList<>();
    private int indexed = -1;
    private int read = -1;

    private record Cell(Schema.Place place, ScalarType type) {}

    private UsualSplit(UsualRows rows, JsonCursor json, MlflowSignature signature) {
        this.rows = rows;
        this.json = json;
        this.signature = signature;
    }

    /** As {@link UsualRows.Reader} wants it. */
    static boolean read(UsualRows rows, JsonCursor json, MlflowSignature signature) {
        return json.take('{')
                && json.member()
                && json.says(SPLIT)
                && json.take('{')
                && new UsualSplit(rows, json, signature).members()
                && json.take('}')
                && json.take('}')
                && json.ended();
    }

    private boolean members() {
        do {
            if (!json.member() || !member()) {
                return false;
            }
        } while (json.take(','));
        return read > 0 && (indexed < 0 || indexed == read);
    }

    private boolean member() {
        if (cells.isEmpty() && json.says(COLUMNS)) {
            return columns();
        }
        if (indexed < 0 && json.says(INDEX)) {
            return index();
        }
        return read < 0 && !cells.isEmpty() && json.says(DATA) && data();
    }

    private boolean columns() {
        if (!json.take('[')) {
            return false;
        }
        boolean[] given = new boolean[rows.schema().places()];
        do {
            if (!json.text()) {
                return false;
            }
            Schema.Place place = json.place(rows.schema(), cells.size());
            Schema.Slot slot = place.slot();
            if (slot == null || slot.feature() < 0 || place.time() || given[place.number()]) {
                return false;
            }
            given[place.number()] = true;
            if (!(signature.columns().get(slot.feature()).type() instanceof FieldType.Scalar scalar)) {
                return false;
            }
            cells.add(new Cell(place, scalar.type()));
        } while (json.take(','));
        return json.take(']');
    }

    private boolean index() {
        if (!json.take('[')) {
            return false;
        }
        indexed = 0;
        do {
            if (!json.number()) {
                return false;
            }
            indexed++;
        } while (json.take(','));
        return json.take(']');
    }

    private boolean data() {
        if (!json.take('[')) {
            return false;
        }
        read = 0;
        do {
            if (!row(rows.begin()) || !rows.end(rows.newId())) {
                return false;
            }
            read++;
        } while (json.take(','));
        return json.take(']');
    }

    private boolean row(RowBuilder row) {
        if (!json.take('[')) {
            return false;
        }
        for (int i = 0; i < cells.size(); i++) {
            if ((i > 0 && !json.take(',')) || !value(row, cells.get(i))) {
                return false;
            }
        }
        return json.take(']');
    }

    private boolean value(RowBuilder row, Cell cell) {
        ScalarType type = cell.type();
        if (json.is('"')) {
            return type == ScalarType.STRING && json.text() && row.usualText(cell.place(), json);
        }
        if (json.is('n')) {
            return type.takesNull() && row.usual(cell.place(), json);
        }
        if (!json.number()) {
            return false;
        }
        double value = json.value();
        if (type == ScalarType.FLOAT) {
            float single = (float) value;
            boolean fits =
                    json.whole() ? single == value : Math.abs(single) >= Float.MIN_NORMAL && Float.isFinite(single);
            return fits && row.usualNumber(cell.place(), single);
        }
        boolean fits = type == ScalarType.DOUBLE
                || json.whole() && (type == ScalarType.LONG || type == ScalarType.INTEGER && value == (int) value);
        return fits && row.usualNumber(cell.place(), value);
    }
}
