package dev.perennial.monitoring.atoms;

import dev.perennial.data.Profile;
import dev.perennial.statistics.Bins;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What served rows are compared with: the profile of the snapshot that a version was trained on. Immutable.
 *
 * @param snapshot digest that names it
 * @param days days with rows; 0 when not known
 * @param spanDays days from the first to the last, both included; 0 when not known
 */
public record Reference(String snapshot, Profile profile, int days, int spanDays) {

    /** Columns by name, ready to compare. */
    public Map<String, Column> columns() {
        Map<String, Column> columns = new HashMap<>();
        profile.columns().forEach((name, column) -> columns.put(name, Column.of(name, column)));
        return columns;
    }

    /**
     * A column of the reference as bins or categories with counts.
     *
     * @param bins null for a category
     * @param categories values in the order of {@code counts}; the count after the last belongs to all other values; empty for a number
     */
    public record Column(
            String name, Profile.Column profile, @Nullable Bins bins, List<String> categories, long[] counts) {

        static Column of(String name, Profile.Column profile) {
            if (profile.edges() != null && profile.counts() != null) {
                Bins bins = Bins.ofEdges(profile.edges().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray());
                long[] counts =
                        profile.counts().stream().mapToLong(Long::longValue).toArray();
                return new Column(name, profile, bins, List.of(), counts);
            }
            Map<String, Long> values = profile.values() == null ? Map.of() : profile.values();
            List<String> names = new ArrayList<>(values.keySet());
            names.sort(null);
            long[] counts = new long[names.size() + 1];
            for (int i = 0; i < names.size(); i++) {
                counts[i] = values.getOrDefault(names.get(i), 0L);
            }
            counts[names.size()] = profile.otherValues();
            return new Column(name, profile, null, List.copyOf(names), counts);
        }

        /** Stands for a column that the reference does not have. */
        static Column none(String name) {
            return of(
                    name,
                    new Profile.Column(Profile.Column.CATEGORY, 0, 0, null, null, null, null, 0, null, null, null, 0));
        }

        public boolean numeric() {
            return bins != null;
        }

        /** Whether the reference has the category; true too when it could not keep all of its values. */
        public boolean knows(String value) {
            return (profile.values() != null && profile.values().containsKey(value)) || profile.otherValues() > 0;
        }

        public double missingShare() {
            return profile.rows() == 0 ? 0 : (double) profile.missing() / profile.rows();
        }

        /** Almost every row has a value of its own: an identifier, which drifts by nature. */
        boolean identifier() {
            long values = profile.rows() - profile.missing();
            return !numeric() && values >= 100 && profile.distinct() > 0.9 * values;
        }

        /** Counts of an atom over this column's bins or categories; null when the atom has another kind or other bins. */
        long @Nullable [] counts(ColumnAtom atom) {
            if (atom.numeric() != null && numeric()) {
                long[] current = atom.numeric().counts();
                return current.length == counts.length ? current : null;
            }
            if (atom.categories() == null || numeric()) {
                return null;
            }
            long[] current = new long[counts.length];
            Map<String, Long> seen = atom.categories().counts();
            long known = 0;
            for (int i = 0; i < categories.size(); i++) {
                current[i] = seen.getOrDefault(categories.get(i), 0L);
                known += current[i];
            }
            current[categories.size()] = atom.categories().values() - known;
            return current;
        }

        long total() {
            return Arrays.stream(counts).sum();
        }
    }
}
