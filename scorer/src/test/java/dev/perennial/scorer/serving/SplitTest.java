package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.config.ScorerConfig.FuseConfig;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SplitTest {
    @Test
    void bucketsAreFixedForEver() {
        assertThat(Split.bucket("salt", "20130105-B6679-JFK")).isEqualTo(Split.bucket("salt", "20130105-B6679-JFK"));
        assertThat(Split.bucket("s", "a")).isEqualTo(bucketOf("730061"));
    }

    @Test
    void bucketsAreSpreadEvenlyAndSaltsAreIndependent() {
        int[] deciles = new int[10];
        int both = 0;
        for (int i = 0; i < 20_000; i++) {
            int bucket = Split.bucket("one", "key" + i);
            deciles[bucket / 1000]++;
            if (bucket < 1000 && Split.bucket("two", "key" + i) < 1000) {
                both++;
            }
        }
        for (int count : deciles) {
            assertThat(count).isBetween(1_800, 2_200);
        }
        assertThat(both).isBetween(140, 260);
    }

    @Test
    void fuseBlowsOnFiveInARowOnHalfOfTwentyAndOnTheShareOfAHundred() {
        Fuse inRow = fuse();
        for (int i = 0; i < 4; i++) {
            assertThat(inRow.failure("k", "e")).isEmpty();
        }
        inRow.success();
        for (int i = 0; i < 4; i++) {
            assertThat(inRow.failure("k", "e")).isEmpty();
        }
        assertThat(inRow.failure("k", "e").map(FuseReport::reason)).contains("5 errors in a row");
        assertThat(inRow.blown()).isTrue();
        assertThat(inRow.failure("k", "e")).as("reported once").isEmpty();

        Fuse half = fuse();
        Optional<FuseReport> report = Optional.empty();
        int calls = 0;
        while (report.isEmpty() && calls < 100) {
            half.success();
            report = half.failure("k", "e");
            calls += 2;
        }
        assertThat(calls).isEqualTo(20);

        Fuse share = fuse();
        for (int i = 0; i < 98; i++) {
            share.success();
        }
        assertThat(share.failure("k", "e")).isEmpty();
        assertThat(share.failure("k", "e").map(FuseReport::reason).orElse("")).contains("2 of 100");
    }

    private static Fuse fuse() {
        return new Fuse("m", "m/2", null, new FuseConfig(null, null, null), false);
    }

    /** What sha256sum says about s, a zero byte and a: its first eight bytes modulo 10,000. */
    private static int bucketOf(String input) {
        byte[] bytes = java.util.HexFormat.of().parseHex(input);
        byte[] hash = dev.perennial.kernel.Digest.sha256().digest(bytes);
        return new java.math.BigInteger(1, java.util.Arrays.copyOf(hash, 8))
                .mod(java.math.BigInteger.valueOf(10_000))
                .intValue();
    }
}
