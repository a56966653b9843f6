package dev.perennial.tracking.search;

import dev.perennial.kernel.PerennialException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One comparison of a filter, as written. */
public sealed interface Clause extends Condition {
    Key key();

    /** The refusal of this clause, with its place in the filter. */
    default PerennialException refused(String why) {
        return key().place().failure("Invalid clause on '" + key() + "': " + why);
    }

    /**
     * What a clause is about.
     *
     * @param entity what stands before the first dot; null when there is none
     * @param place where it was written
     */
    record Key(@Nullable String entity, String name, Place place) {
        @Override
        public String toString() {
            return entity == null ? name : entity + "." + name;
        }
    }

    /** Compares with a text. */
    record WithText(Key key, Operator operator, String value) implements Clause {}

    /** Compares with a number, which is a Long or a Double. */
    record WithNumber(Key key, Operator operator, Number value) implements Clause {}

    /** Whether the value is one of the list, or none of it. */
    record OneOf(Key key, boolean negated, List<String> values) implements Clause {
        public OneOf {
            values = List.copyOf(values);
        }
    }

    /** Whether there is no value, or, negated, there is one. */
    record Missing(Key key, boolean negated) implements Clause {}
}
