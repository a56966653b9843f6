/**
 * Our own evaluator of decision trees: readers of the files of XGBoost and LightGBM, one array of nodes that both become, and the models
 * that walk it. No native code. Start at {@link dev.perennial.scoring.trees.TreeFormats}.
 */
@NullMarked
package dev.perennial.scoring.trees;

import org.jspecify.annotations.NullMarked;
