package dev.perennial.scorer.http;

import dev.perennial.scorer.serving.Instance;
import java.util.Arrays;
import java.util.List;

/** Rows as texts, so that tests compare all that is in them, missing numbers and the signs of zeros too. */
public final class ShownRows {
    private ShownRows() {}

    public static List<String> of(List<Instance> rows) {
        return rows.stream()
                .map(row -> row.id() + " " + row.predictedAt() + " " + row.eventTime() + " "
                        + Arrays.toString(row.row().numbers())
                        + Arrays.toString(row.row().texts())
                        + Arrays.toString(row.given()))
                .toList();
    }
}
