package dev.perennial.scoring.trees;

/** What a library does with the sum of the leaves. */
enum Link {
    IDENTITY,
    /** One over one plus e to the minus sum. */
    SIGMOID,
    EXP,
    /** 1 above zero, else 0. */
    STEP,
    /** The square, with the sign of the sum. */
    SIGNED_SQUARE,
    /** Logarithm of one plus e to the sum. */
    SOFTPLUS,
    /** Over all classes of a row: shares that sum to one. */
    SOFTMAX;

    /**
     * The result of one sum.
     *
     * @param slope factor of the sum
     */
    double of(double sum, double slope) {
        return switch (this) {
            case IDENTITY -> sum;
            case SIGMOID -> 1 / (1 + Math.exp(-slope * sum));
            case EXP -> Math.exp(sum);
            case STEP -> sum > 0 ? 1 : 0;
            case SIGNED_SQUARE -> Math.copySign(sum * sum, sum);
            case SOFTPLUS -> Math.log1p(Math.exp(sum));
            case SOFTMAX -> throw new IllegalStateException("needs all classes");
        };
    }

    /** The results of a row, one for each class, in place. */
    void all(double[] sums, int from, int classes, double slope) {
        if (this != SOFTMAX) {
            for (int i = from; i < from + classes; i++) {
                sums[i] = of(sums[i], slope);
            }
            return;
        }
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + classes; i++) {
            largest = Math.max(largest, sums[i]);
        }
        double total = 0;
        for (int i = from; i < from + classes; i++) {
            sums[i] = Math.exp(sums[i] - largest);
            total += sums[i];
        }
        for (int i = from; i < from + classes; i++) {
            sums[i] /= total;
        }
    }
}
