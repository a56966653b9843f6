package dev.perennial.tracking.search;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One condition of a filter, as written. All clauses of a filter must hold. */
sealed interface Clause {
    Key key();

    /**
     * What a clause is about.
     *
     * @param entity what stands before the first dot; null when there is none
     */
    record Key(@Nullable String entity, String name) {
        @Override
        public String toString() {
            return entity == null ? name : entity + "." + name;
        }
    }

    /** Compares with a text. */
    record WithText(Key key, Operator operator, String value) implements Clause {}

    /** Compares with a number. */
    record WithNumber(Key key, Operator operator, Number value) implements Clause {}

    /** Whether the value is one of the list, or none of it. */
    record OneOf(Key key, boolean negated, List<String> values) implements Clause {
        public OneOf {
            values = List.copyOf(values);
        }
    }

    /** Whether there is no value, or there is one. */
    record Missing(Key key, boolean negated) implements Clause {}
}
