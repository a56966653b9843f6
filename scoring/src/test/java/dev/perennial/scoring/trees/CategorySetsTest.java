package dev.perennial.scoring.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CategorySetsTest {
    private final CategorySets sets = new CategorySets(Refusal.XGBOOST);

    @Test
    void aSetKnowsItsCodesAndNoOthers() {
        int set = sets.add(new int[] {9, 31, 32, 0, 64, 9}, 0, 6);
        assertThat(IntStream.range(-3, 200).filter(code -> sets.contains(set, code)))
                .containsExactly(0, 9, 31, 32, 64);
        assertThat(sets.largest(set)).isEqualTo(64);
    }

    @Test
    void anEmptySetHasNothing() {
        int codes = sets.add(new int[0], 0, 0);
        int bits = sets.addBits(new int[] {0, 0});
        assertThat(sets.contains(codes, 0) || sets.contains(bits, 0)).isFalse();
        assertThat(sets.largest(codes)).isEqualTo(-1);
        assertThat(sets.largest(bits)).isEqualTo(-1);
    }

    @Test
    void aFewCodesFarApartAreNotKeptAsBits() {
        int set = sets.add(new int[] {Bounds.CODE_MAX - 1}, 0, 1);
        assertThat(sets.contains(set, Bounds.CODE_MAX - 1)).isTrue();
        assertThat(sets.contains(set, Bounds.CODE_MAX - 2)).isFalse();
        assertThat(sets.largest(set)).isEqualTo(Bounds.CODE_MAX - 1);
    }

    @Test
    void bitsAndCodesOfTheSameSetAreEqual() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            int[] words = new int[1 + random.nextInt(40)];
            for (int i = random.nextInt(60); i > 0; i--) {
                words[random.nextInt(words.length)] |= 1 << random.nextInt(32);
            }
            int[] codes = IntStream.range(0, words.length * 32)
                    .filter(code -> (words[code / 32] >>> code % 32 & 1) != 0)
                    .toArray();
            int byBits = sets.addBits(words);
            int byCodes = sets.add(codes, 0, codes.length);
            assertThat(sets.largest(byBits)).isEqualTo(sets.largest(byCodes));
            for (int code = -1; code < words.length * 32 + 40; code++) {
                boolean in = Arrays.binarySearch(codes, code) >= 0;
                assertThat(sets.contains(byBits, code)).isEqualTo(in);
                assertThat(sets.contains(byCodes, code)).isEqualTo(in);
            }
        }
    }

    @Test
    void trimmingChangesNothing() {
        int first = sets.add(new int[] {3}, 0, 1);
        int second = sets.addBits(new int[] {-1, 1});
        sets.trim();
        assertThat(sets.contains(first, 3)).isTrue();
        assertThat(sets.contains(second, 32)).isTrue();
        assertThat(sets.contains(second, 33)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Bounds.CODE_MAX})
    void codesThatNoLibraryHasAreRefused(int code) {
        assertThatThrownBy(() -> sets.add(new int[] {code}, 0, 1))
                .isInstanceOf(PerennialException.class)
                .hasMessage("cannot use this XGBoost model: a split names category code " + code
                        + "; 0 to 16777215 are possible");
    }

    @Test
    void moreCodesThanAModelMayHaveAreRefusedEvenWhenTheyAreAllTheSame() {
        int[] codes = new int[5_000_000];
        for (int i = 0; i < 4; i++) {
            sets.add(codes, 0, codes.length);
        }
        assertThatThrownBy(() -> sets.add(codes, 0, 1))
                .isInstanceOf(PerennialException.class)
                .hasMessage("cannot use this XGBoost model: more than 20000000 categories in the sets of its splits");
    }
}
