package dev.perennial.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IdsTest {
    private static final long NOW = 1_767_323_040_000L;

    private final AtomicLong millis = new AtomicLong(NOW);
    private final Ids ids = new Ids((InstantSource) () -> Instant.ofEpochMilli(millis.get()), new SplittableRandom(1));

    @Test
    void anIdTellsItsVersionAndTheMillisecondOfItsMaking() {
        UUID id = UUID.fromString(ids.next());
        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(NOW);
    }

    @Test
    void idsOfOneMillisecondAscend() {
        List<String> made = IntStream.range(0, 20_000).mapToObj(i -> ids.next()).toList();
        assertThat(made).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aClockThatStepsBackMakesNoIdThatComesBeforeAnother() {
        List<String> made = new ArrayList<>();
        for (long step : new long[] {0, -5_000, 1, 0, 7, -1}) {
            millis.addAndGet(step);
            made.add(ids.next());
        }
        assertThat(made).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void theClockIsFollowedAgainOnceItHasCaughtUp() {
        IntStream.range(0, 10_000).forEach(i -> ids.next());
        millis.addAndGet(60_000);
        assertThat(UUID.fromString(ids.next()).getMostSignificantBits() >>> 16).isEqualTo(NOW + 60_000);
    }

    @Test
    void sameSeedAndClockMakeTheSameIds() {
        Ids again = new Ids(() -> Instant.ofEpochMilli(NOW), new SplittableRandom(1));
        assertThat(again.next()).isEqualTo(ids.next());
    }

    @Test
    void theHexFormIsTheSameWithoutDashes() {
        assertThat(ids.nextHex()).hasSize(32).matches("[0-9a-f]+");
    }
}
