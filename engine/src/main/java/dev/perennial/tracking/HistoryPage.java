package dev.perennial.tracking;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks for one page of a metric's history. A token belongs to one run and metric. */
public record HistoryPage(int limit, @Nullable String token) {
    /** The longest page. */
    public static final int LIMIT_MAX = 1_000_000;

    private static final int BOUND_BYTES = 8;
    private static final int TOKEN_BYTES = BOUND_BYTES + 3 * Long.BYTES + 1;

    public HistoryPage {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw PerennialException.invalid(
                    "max_results",
                    "Invalid value " + limit + " for parameter 'max_results' supplied: expected 1 to " + LIMIT_MAX);
        }
    }

    MetricRows.@Nullable Position after(String run, String key) {
        if (token == null || token.isEmpty()) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(decoded(token));
        if (bytes.remaining() != TOKEN_BYTES || bytes.getLong() != bound(run, key)) {
            throw foreign(token);
        }
        return new MetricRows.Position(bytes.getLong(), bytes.getLong(), bytes.getDouble(), bytes.get() == 1);
    }

    Page<Metric> cut(List<Metric> rows, String run, String key) {
        if (rows.size() <= limit) {
            return new Page<>(rows, Optional.empty());
        }
        List<Metric> items = rows.subList(0, limit);
        MetricRows.Position last = MetricRows.Position.of(items.getLast());
        ByteBuffer bytes = ByteBuffer.allocate(TOKEN_BYTES)
                .putLong(bound(run, key))
                .putLong(last.at())
                .putLong(last.step())
                .putDouble(last.value())
                .put((byte) (last.nan() ? 1 : 0));
        return new Page<>(
                items, Optional.of(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array())));
    }

    private static long bound(String run, String key) {
        return Long.parseUnsignedLong(Digest.of(run + "\n" + key).hex().substring(0, 2 * BOUND_BYTES), 16);
    }

    private static byte[] decoded(String token) {
        try {
            return Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            throw foreign(token);
        }
    }

    private static PerennialException foreign(String token) {
        return PerennialException.invalid(
                "page_token",
                "Invalid page token '" + token + "': it does not belong to this run and metric; start without one");
    }
}
