package dev.perennial.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageRequestTest {
    private static final List<String> ALL = List.of("a", "b", "c/ü+&", "d", "e");

    /** Reads like a store: one row more than wanted, behind the key of the token. */
    private static Page<String> read(PageRequest request) {
        List<String> rows = ALL.stream()
                .filter(item -> request.after().isEmpty()
                        || item.compareTo(request.after().get()) > 0)
                .limit(request.limit() + 1L)
                .toList();
        return request.page(rows, Function.identity());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 1000})
    void pagesOfAnySizeHoldEveryItemOnce(int limit) {
        List<String> seen = new ArrayList<>();
        Optional<String> token = Optional.empty();
        int pages = 0;
        do {
            Page<String> page = read(PageRequest.of(limit, token.orElse(null)));
            assertThat(page.items()).isNotEmpty().hasSizeLessThanOrEqualTo(limit);
            seen.addAll(page.items());
            token = page.next();
            pages++;
        } while (token.isPresent());
        assertThat(seen).isEqualTo(ALL);
        assertThat(pages).isEqualTo((ALL.size() + limit - 1) / limit);
    }

    @Test
    void tokensNeedNoEscapesInAnAddress() {
        Page<String> page = read(PageRequest.of(3, null));
        assertThat(page.next().orElseThrow()).matches("[A-Za-z0-9_-]+");
    }

    @Test
    void anAbsentOrEmptyTokenIsTheFirstPage() {
        assertThat(PageRequest.of(null, null)).isEqualTo(PageRequest.of(100, ""));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1001, Integer.MIN_VALUE})
    void aPageOfNoSizeIsRefused(int limit) {
        assertThatThrownBy(() -> PageRequest.of(limit, null))
                .hasMessage("limit " + limit + " must be between 1 and 1000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%%", "a b", "x", "=", "é"})
    void aTokenThatIsNoneIsRefusedAndShown(String token) {
        assertThatThrownBy(() -> PageRequest.of(1, token))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("page token '" + token + "' was not made by this server");
    }

    @Test
    void aPageDoesNotChangeWithTheListItWasMadeFrom() {
        List<String> rows = new ArrayList<>(List.of("a"));
        Page<String> page = new Page<>(rows, Optional.empty());
        rows.add("b");
        assertThat(page.items()).containsExactly("a");
    }
}
