package dev.perennial.scoring.trees;

import java.util.Arrays;

/** A list of numbers that grows and is filled again for the next array. Not thread-safe. */
final class Numbers {
    private static final int FIRST = 256;

    private final Refusal refusal;
    private double[] values = new double[FIRST];
    private int size;

    Numbers(Refusal refusal) {
        this.refusal = refusal;
    }

    Numbers clear() {
        size = 0;
        return this;
    }

    void add(double value) {
        if (size == values.length) {
            if (size >= Bounds.CATEGORIES_MAX) {
                throw refusal.of("an array of more than " + Bounds.CATEGORIES_MAX + " numbers");
            }
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
    }

    int size() {
        return size;
    }

    double[] toDoubles() {
        return Arrays.copyOf(values, size);
    }

    /** @throws dev.perennial.kernel.PerennialException when one is no whole number of 32 bits */
    int[] toInts(String name) {
        int[] whole = new int[size];
        for (int i = 0; i < size; i++) {
            whole[i] = (int) values[i];
            if (whole[i] != values[i]) {
                throw refusal.of("'" + name + "' holds " + values[i] + ", which is no whole number of 32 bits");
            }
        }
        return whole;
    }
}
