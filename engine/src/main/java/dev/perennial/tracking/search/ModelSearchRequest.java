package dev.perennial.tracking.search;

import dev.perennial.kernel.PerennialException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A search for logged models as a client asks for it.
 *
 * @param datasets which values metric clauses and metric orders look at; none means all
 */
public record ModelSearchRequest(
        @Nullable String filter,
        List<OfDataset> datasets,
        List<Order> orderBy,
        int limit,
        @Nullable String pageToken) {
    public static final int LIMIT_DEFAULT = 50;
    private static final int DATASETS_MAX = 100;

    /** A dataset by name, or by name and digest. */
    public record OfDataset(String name, @Nullable String digest) {}

    /**
     * One key of the order.
     *
     * @param field an attribute, or {@code metrics.} and a name
     * @param dataset whose values count; only for metrics
     */
    public record Order(
            String field, boolean ascending, @Nullable OfDataset dataset) {}

    public ModelSearchRequest {
        if (datasets.size() > DATASETS_MAX) {
            throw PerennialException.invalid(
                    "datasets", "at most " + DATASETS_MAX + " datasets can be named, got " + datasets.size());
        }
        datasets = List.copyOf(datasets);
        orderBy = List.copyOf(orderBy);
    }

    /** The bounds that all searches have. */
    SearchRequest bounded() {
        return new SearchRequest(
                filter,
                orderBy.stream().map(Order::field).toList(),
                dev.perennial.tracking.View.ACTIVE_ONLY,
                limit,
                pageToken);
    }
}
