package dev.perennial.scoring.trees;

/**
 * How the numbers of a row become integers that compare like them: a split then compares two integers, whatever the library compares. No
 * integer is the smallest or the largest one: these stand for missing values. Thread-safe.
 */
sealed interface Scale permits FloatScale, RankScale {
    /** The integer of a number that is not NaN. */
    int level(int feature, double value);

    /** The largest integer that goes left at a threshold. */
    int lastLeft(int feature, double threshold);

    /** The category code that a number stands for, -1 when it stands for none; the number is not NaN. */
    int code(double value);
}
