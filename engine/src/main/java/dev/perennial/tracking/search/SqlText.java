package dev.perennial.tracking.search;

import dev.perennial.store.Database.Dialect;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.statement.Query;

/** Values of a statement that is being made, and the few words in which the dialects differ. Values are always bound, never written. */
public final class SqlText {
    private final Dialect dialect;
    private final Map<String, Object> values = new LinkedHashMap<>();

    public SqlText(Dialect dialect) {
        this.dialect = dialect;
    }

    /** Keeps a value (String, Long or Double) and returns the name that stands for it. */
    public String bind(Object value) {
        String name = "v" + values.size();
        values.put(name, value);
        return ":" + name;
    }

    public void bindTo(Query query) {
        values.forEach((name, value) -> {
            switch (value) {
                case String text -> query.bind(name, text);
                case Double number -> query.bind(name, number);
                case Long number -> query.bind(name, number);
                default -> throw new IllegalStateException("no way to bind " + value.getClass());
            }
        });
    }

    /** A comparison of a text expression; LIKE sees the case of letters, ILIKE does not. */
    public String text(String expression, Operator operator, String value) {
        return switch (operator) {
            case LIKE ->
                dialect == Dialect.SQLITE
                        ? expression + " glob " + bind(glob(value))
                        : expression + " like " + bind(value) + " escape ''";
            case ILIKE ->
                dialect == Dialect.SQLITE
                        ? expression + " like " + bind(value)
                        : expression + " ilike " + bind(value) + " escape ''";
            default -> expression + " " + operator.sql() + " " + bind(value);
        };
    }

    public String oneOf(String expression, boolean negated, List<String> list) {
        return expression + (negated ? " not in (" : " in (")
                + String.join(", ", list.stream().map(this::bind).toList()) + ")";
    }

    /** An expression that sorts texts by their characters on both dialects. */
    public String sorted(String expression) {
        return dialect == Dialect.SQLITE ? expression : "(" + expression + ") collate \"C\"";
    }

    /** The pattern of LIKE as one of GLOB, because the LIKE of SQLite does not see the case of letters. */
    private static String glob(String like) {
        StringBuilder glob = new StringBuilder();
        for (char c : like.toCharArray()) {
            switch (c) {
                case '%' -> glob.append('*');
                case '_' -> glob.append('?');
                case '*', '?', '[' -> glob.append('[').append(c).append(']');
                default -> glob.append(c);
            }
        }
        return glob.toString();
    }
}
