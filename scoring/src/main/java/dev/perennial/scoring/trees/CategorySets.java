package dev.perennial.scoring.trees;

import dev.perennial.kernel.PerennialException;
import java.util.Arrays;

/**
 * The sets of category codes of all splits of a model in one array: each as bits or as sorted codes, whichever is shorter, so that a
 * set never needs more than its file did. Filled while the file is read; read by many threads afterwards.
 */
final class CategorySets {
    private static final int FIRST = 64;
    private static final int WORD = 31;
    private static final int WORD_SHIFT = 5;

    private final Refusal refusal;
    private int[] pool = new int[FIRST];
    private int used;
    /** By set: twice where it begins, plus one when it is kept as bits; then where the next would begin. */
    private int[] starts = new int[FIRST];

    private int count;
    /** Codes that were handed in, also those that made no set longer. */
    private long asked;

    CategorySets(Refusal refusal) {
        this.refusal = refusal;
    }

    /** Adds a set of codes and gives its number. */
    int add(int[] codes, int from, int length) {
        asked += length;
        if (asked > Bounds.CATEGORIES_MAX) {
            throw tooMany();
        }
        int[] sorted = Arrays.copyOfRange(codes, from, from + length);
        Arrays.sort(sorted);
        for (int code : sorted) {
            if (code < 0 || code >= Bounds.CODE_MAX) {
                throw refusal.of(
                        "a split names category code " + code + "; 0 to " + (Bounds.CODE_MAX - 1) + " are possible");
            }
        }
        int words = length == 0 ? 0 : (sorted[length - 1] >> WORD_SHIFT) + 1;
        if (words > length) {
            return keep(sorted, false);
        }
        int[] bits = new int[words];
        for (int code : sorted) {
            bits[code >> WORD_SHIFT] |= 1 << (code & WORD);
        }
        return keep(bits, true);
    }

    /** Adds a set of bits, the lowest code first, and gives its number. */
    int addBits(int[] words) {
        asked += words.length;
        if (asked > Bounds.CATEGORIES_MAX) {
            throw tooMany();
        }
        int end = words.length;
        while (end > 0 && words[end - 1] == 0) {
            end--;
        }
        int codes = 0;
        for (int word : words) {
            codes += Integer.bitCount(word);
        }
        if (codes >= end) {
            if ((long) end << WORD_SHIFT > Bounds.CODE_MAX) {
                throw refusal.of("a split has a set of " + end + " words of categories");
            }
            return keep(end == words.length ? words : Arrays.copyOf(words, end), true);
        }
        int[] list = new int[codes];
        int next = 0;
        for (int word = 0; word < end; word++) {
            for (int rest = words[word]; rest != 0; rest &= rest - 1) {
                list[next++] = (word << WORD_SHIFT) + Integer.numberOfTrailingZeros(rest);
            }
        }
        return add(list, 0, codes);
    }

    private int keep(int[] set, boolean bits) {
        if (used + set.length > Bounds.CATEGORIES_MAX) {
            throw tooMany();
        }
        if (used + set.length > pool.length) {
            pool = Arrays.copyOf(pool, Math.max(pool.length * 2, used + set.length));
        }
        if (count + 2 > starts.length) {
            starts = Arrays.copyOf(starts, starts.length * 2);
        }
        System.arraycopy(set, 0, pool, used, set.length);
        starts[count] = used << 1 | (bits ? 1 : 0);
        used += set.length;
        starts[count + 1] = used << 1;
        return count++;
    }

    private PerennialException tooMany() {
        return refusal.of("more than " + Bounds.CATEGORIES_MAX + " categories in the sets of its splits");
    }

    /** Gives back what was kept for growing. */
    void trim() {
        pool = Arrays.copyOf(pool, used);
        starts = Arrays.copyOf(starts, count == 0 ? 0 : count + 1);
    }

    boolean contains(int set, int code) {
        int from = starts[set] >> 1;
        int end = starts[set + 1] >> 1;
        if ((starts[set] & 1) == 0) {
            return Arrays.binarySearch(pool, from, end, code) >= 0;
        }
        int word = from + (code >> WORD_SHIFT);
        return code >= 0 && word < end && (pool[word] >>> (code & WORD) & 1) != 0;
    }

    /** The largest code of a set, -1 when it is empty. */
    int largest(int set) {
        int from = starts[set] >> 1;
        int end = starts[set + 1] >> 1;
        if (from == end) {
            return -1;
        }
        int last = pool[end - 1];
        return (starts[set] & 1) == 0
                ? last
                : ((end - from - 1) << WORD_SHIFT) + WORD - Integer.numberOfLeadingZeros(last);
    }
}
