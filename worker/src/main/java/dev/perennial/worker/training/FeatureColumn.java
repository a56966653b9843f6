package dev.perennial.worker.training;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One feature of all rows: numbers with NaN for missing, or texts as positions in a list with -1 for missing. */
sealed interface FeatureColumn {
    String name();

    /** The same column with the given rows only. */
    FeatureColumn select(int[] rows);

    record Numbers(String name, float[] values) implements FeatureColumn {
        @Override
        public Numbers select(int[] rows) {
            float[] chosen = new float[rows.length];
            for (int i = 0; i < rows.length; i++) {
                chosen[i] = values[rows[i]];
            }
            return new Numbers(name, chosen);
        }
    }

    /** @param values every text that occurs, in order of first appearance */
    record Texts(String name, List<String> values, int[] positions) implements FeatureColumn {
        public Texts {
            values = List.copyOf(values);
        }

        @Nullable
        String text(int row) {
            return positions[row] < 0 ? null : values.get(positions[row]);
        }

        /** Sorted values that occur among the given rows. */
        List<String> categories(int[] rows) {
            boolean[] seen = new boolean[values.size()];
            for (int row : rows) {
                if (positions[row] >= 0) {
                    seen[positions[row]] = true;
                }
            }
            return java.util.stream.IntStream.range(0, seen.length)
                    .filter(i -> seen[i])
                    .mapToObj(values::get)
                    .sorted()
                    .toList();
        }

        /** For each position of {@link #values} its index in {@code categories}, or -1. */
        int[] codes(List<String> categories) {
            return values.stream().mapToInt(categories::indexOf).toArray();
        }

        @Override
        public Texts select(int[] rows) {
            return new Texts(
                    name, values, Arrays.stream(rows).map(row -> positions[row]).toArray());
        }
    }
}
