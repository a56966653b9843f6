package dev.perennial.monitoring.atoms;

import dev.perennial.statistics.CategoryState;
import dev.perennial.statistics.NumericState;
import org.jspecify.annotations.Nullable;

/**
 * One column of one model version on one local day. Atoms of the same key add up; exactly one of {@code numeric} and {@code categories} is
 * set.
 *
 * @param anchor digest of the reference whose bins the values were counted into; atoms of other references cannot be compared with it
 * @param outside values that break the contract's range or list of values
 * @param unknown values that the reference does not have (categories only)
 */
public record ColumnAtom(
        String version,
        String anchor,
        String column,
        String day,
        @Nullable NumericState numeric,
        @Nullable CategoryState categories,
        long outside,
        long unknown) {

    public ColumnAtom merge(ColumnAtom other) {
        if (!version.equals(other.version)
                || !anchor.equals(other.anchor)
                || !column.equals(other.column)
                || !day.equals(other.day)) {
            throw new IllegalArgumentException("atoms of " + column + " on " + day + " and of " + other.column + " on "
                    + other.day + " do not add up; version, reference, column and day must agree");
        }
        return new ColumnAtom(
                version,
                anchor,
                column,
                day,
                numeric == null || other.numeric == null ? null : numeric.merge(other.numeric),
                categories == null || other.categories == null ? null : categories.merge(other.categories),
                outside + other.outside,
                unknown + other.unknown);
    }

    /** The same atom as one of another version, for windows over versions. */
    ColumnAtom asOf(String otherVersion) {
        return new ColumnAtom(otherVersion, anchor, column, day, numeric, categories, outside, unknown);
    }

    public long rows() {
        return numeric != null ? numeric.rows() : categories != null ? categories.rows() : 0;
    }

    /** Rows without a usable value: null, NaN, infinite. */
    public long missing() {
        return numeric != null ? numeric.rows() - numeric.values() : categories != null ? categories.missing() : 0;
    }

    public double missingShare() {
        return rows() == 0 ? 0 : (double) missing() / rows();
    }
}
