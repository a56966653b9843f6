/**
 * Retraining: whether a candidate is tried now, decided by pure functions of the model's state. Start at {@link
 * dev.perennial.retrain.RetrainPolicy}.
 */
@NullMarked
package dev.perennial.retrain;

import org.jspecify.annotations.NullMarked;
