package dev.perennial.tracking.search;

import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One key of an order, as written. */
public record OrderItem(Clause.Key key, boolean ascending) {
    public static List<OrderItem> parse(List<String> orderBy) {
        List<OrderItem> items = new ArrayList<>();
        for (String text : orderBy) {
            Tokens tokens = new Tokens("order_by", text);
            Clause.Key key = tokens.key();
            boolean descending = tokens.word("DESC");
            if (!descending) {
                tokens.word("ASC");
            }
            if (!tokens.atEnd()) {
                throw tokens.failure("expected ASC, DESC or the end");
            }
            items.add(new OrderItem(key, !descending));
        }
        return items;
    }

    /**
     * Refuses a key that is named twice, whatever its spelling.
     *
     * @param resolved what each item means, in the same order
     */
    public static void noDuplicates(List<OrderItem> items, List<?> resolved) {
        Set<Object> seen = new HashSet<>();
        for (int i = 0; i < resolved.size(); i++) {
            if (!seen.add(resolved.get(i))) {
                throw PerennialException.invalid(
                        "order_by",
                        "`order_by` contains duplicate fields: " + items.get(i).key());
            }
        }
    }
}
