package dev.perennial.tracking.search;

import java.util.List;

/**
 * A filter as a tree. It has two values: a clause about something that a row does not have is false, and NOT makes true of every false, so
 * each row is found either by a condition or by its NOT.
 */
public sealed interface Condition permits Condition.And, Condition.Or, Condition.Not, Clause {
    /** All parts hold; true of every row when there are none. */
    record And(List<Condition> parts) implements Condition {
        public And {
            parts = List.copyOf(parts);
        }
    }

    /** At least one of the parts, of which there are two or more, holds. */
    record Or(List<Condition> parts) implements Condition {
        public Or {
            parts = List.copyOf(parts);
        }
    }

    /** The part does not hold. */
    record Not(Condition part) implements Condition {}
}
