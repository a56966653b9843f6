package dev.perennial.tracking.search;

import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.View;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What every search has: a filter and an order as the user wrote them, the stages to see, and the page. */
public record SearchRequest(
        @Nullable String filter,
        List<String> orderBy,
        View view,
        int limit,
        @Nullable String pageToken) {
    /** A statement of a search that takes longer is ended. */
    public static final Duration TIME_MAX = Duration.ofSeconds(30);

    public static final int LIMIT_DEFAULT = 1000;
    public static final int LIMIT_MAX = 50_000;
    private static final int FILTER_LENGTH_MAX = 65_536;
    private static final int ORDER_MAX = 32;

    public SearchRequest {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw PerennialException.invalid(
                    "max_results",
                    "Invalid value " + limit + " for parameter 'max_results' supplied: expected 1 to " + LIMIT_MAX);
        }
        if (filter != null && filter.length() > FILTER_LENGTH_MAX) {
            throw PerennialException.invalid(
                    "filter",
                    "the filter has " + filter.length() + " characters, at most " + FILTER_LENGTH_MAX + " are read");
        }
        if (orderBy.size() > ORDER_MAX) {
            throw PerennialException.invalid(
                    "order_by", "order_by has " + orderBy.size() + " items, at most " + ORDER_MAX + " are read");
        }
        orderBy = List.copyOf(orderBy);
    }
}
