package dev.perennial.kernel;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks for one page: at most {@code limit} items after the item whose sort key is {@code after}. Tokens are the sort key of the last
 * item, encoded; a store reads {@code limit + 1} rows ordered by that key and calls {@link #page}.
 */
public record PageRequest(int limit, Optional<String> after) {
    public static final int LIMIT_MAX = 1000;
    public static final int LIMIT_DEFAULT = 100;

    public PageRequest {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw PerennialException.invalid("limit", "limit " + limit + " must be between 1 and " + LIMIT_MAX);
        }
    }

    /** Reads the two query parameters of every list route. */
    public static PageRequest of(@Nullable Integer limit, @Nullable String token) {
        return new PageRequest(limit == null ? LIMIT_DEFAULT : limit, decode(token));
    }

    /** Cuts {@code limit + 1} rows to a page. */
    public <T> Page<T> page(List<T> rows, Function<T, String> sortKey) {
        if (rows.size() <= limit) {
            return new Page<>(rows, Optional.empty());
        }
        List<T> items = rows.subList(0, limit);
        byte[] key = sortKey.apply(items.getLast()).getBytes(StandardCharsets.UTF_8);
        return new Page<>(
                items, Optional.of(Base64.getUrlEncoder().withoutPadding().encodeToString(key)));
    }

    private static Optional<String> decode(@Nullable String token) {
        if (token == null || token.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw PerennialException.invalid(
                    "page_token", "page token '" + token + "' was not made by this server; start without one");
        }
    }
}
