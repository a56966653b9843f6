package dev.perennial.tracking.search;

import dev.perennial.kernel.PerennialException;
import java.util.Collection;
import java.util.TreeSet;

/** The SQL of clauses on the usual kinds of columns. Every method refuses a clause whose operator or value does not fit. */
public final class ClauseSql {
    private final SqlText sql;

    public ClauseSql(SqlText sql) {
        this.sql = sql;
    }

    /** A clause on a text. */
    public String text(Clause clause, String expression) {
        return switch (clause) {
            case Clause.WithText text
            when text.operator().ofText() -> sql.text(expression, text.operator(), text.value());
            case Clause.OneOf list -> sql.oneOf(expression, list.negated(), list.values());
            case Clause.WithText ignored -> throw clause.refused("a text compares by one of = != LIKE ILIKE IN");
            case Clause.WithNumber ignored -> throw clause.refused("its value is a text and must be quoted");
            case Clause.Missing ignored -> throw clause.refused("IS NULL works on params and tags");
        };
    }

    /** A clause on a time in milliseconds. */
    public String time(Clause clause, String expression) {
        return number(
                clause,
                expression,
                "a time compares with milliseconds since 1970, without quotes, by one of = != > >= < <=");
    }

    /** A clause on a whole number. */
    public String wholeNumber(Clause clause, String expression) {
        return number(clause, expression, "it compares with a number, without quotes, by one of = != > >= < <=");
    }

    private String number(Clause clause, String expression, String expected) {
        if (!(clause instanceof Clause.WithNumber number)) {
            throw clause.refused(expected);
        }
        Number value = number.value();
        return expression + " " + number.operator().sql() + " "
                + sql.bind(value instanceof Long ? value : (Object) value.doubleValue());
    }

    /**
     * A clause on a tag or param: a row of a table with columns {@code key} and {@code value}.
     *
     * @param join what ties a row {@code t} of the table to the thing, such as {@code t.experiment = e.id}
     */
    public String pair(Clause clause, String table, String join) {
        String pair = "exists (select 1 from " + table + " t where " + join + " and t.key = "
                + sql.bind(clause.key().name());
        return clause instanceof Clause.Missing missing
                ? (missing.negated() ? "" : "not ") + pair + ")"
                : pair + " and " + text(clause, "t.value") + ")";
    }

    /**
     * The refusal of an unknown entity.
     *
     * @param expected how a user may spell entities
     */
    public static PerennialException unknownEntity(Clause.Key key, String expected) {
        return key.place()
                .failure("Invalid entity type '" + key.entity() + "' in "
                        + key.place().field() + ": expected " + expected);
    }

    /** The refusal of an unknown attribute. */
    public static PerennialException unknownAttribute(Clause.Key key, Collection<String> known) {
        return key.place()
                .failure("Invalid attribute key '" + key.name() + "' in "
                        + key.place().field() + ": expected one of " + new TreeSet<>(known));
    }
}
