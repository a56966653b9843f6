package dev.perennial.worker.scoring;

import dev.perennial.scoring.Column;
import dev.perennial.scoring.Signature;
import dev.perennial.worker.StepFailure;
import java.util.ArrayList;
import java.util.List;

/** Finds a model's columns in a file by their names. */
final class MissingColumns {
    private static final int SHOWN_MAX = 20;

    private MissingColumns() {}

    /**
     * Where each column of the model stands in the file; -1 for one that may be left out and is.
     *
     * @throws StepFailure naming the columns that are missing
     */
    static int[] places(Signature signature, List<String> columns) {
        int[] places = new int[signature.size()];
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            Column column = signature.column(i);
            places[i] = columns.indexOf(column.name());
            if (places[i] < 0 && column.required()) {
                missing.add(column.name());
            }
        }
        refuse(missing, columns);
        return places;
    }

    /** Refuses a file without these columns; none is fine. */
    static void refuse(List<String> missing, List<String> columns) {
        if (!missing.isEmpty()) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG,
                    "the file has no column " + shown(missing) + ", which the model needs; it has " + shown(columns));
        }
    }

    private static String shown(List<String> names) {
        String text = String.join(", ", names.subList(0, Math.min(SHOWN_MAX, names.size())));
        return names.size() > SHOWN_MAX ? text + " and " + (names.size() - SHOWN_MAX) + " more" : text;
    }
}
