package dev.perennial.scoring.trees;

import java.util.List;

/**
 * A model file as it was read: trees, and what is done with their leaves.
 *
 * @param classOf by tree the class to which it adds; all 0 when there is one
 * @param classes number of sums of a row
 * @param base by class what its sum starts with
 * @param divisor by which a sum is divided in the end
 * @param slope factor of a sum in a sigmoid
 * @param floats whether the library sums and answers in float and compares floats, as XGBoost does; otherwise as LightGBM does in double
 * @param label whether the library answers with the likeliest class
 * @param setGoesRight whether a category that a split names goes right
 * @param names of features, empty when the file has none
 * @param categories by categorical column, in order, the texts of its codes, when the file has them
 */
record Ensemble(
        Refusal refusal,
        List<Tree> trees,
        CategorySets sets,
        int[] classOf,
        int classes,
        double[] base,
        double divisor,
        Link link,
        double slope,
        boolean floats,
        boolean label,
        boolean setGoesRight,
        int features,
        List<String> names,
        List<List<String>> categories) {
    /** Column names as the library writes them. */
    List<String> spelt(List<String> columns) {
        return floats
                ? columns
                : columns.stream().map(name -> name.replaceAll("\\s", "_")).toList();
    }
}
