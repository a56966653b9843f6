package dev.perennial.scoring.trees;

import dev.perennial.kernel.PerennialException;

/** How a model file is refused: with the library that wrote it and what stands in the way. */
record Refusal(String library) {
    static final Refusal XGBOOST = new Refusal("XGBoost");
    static final Refusal LIGHTGBM = new Refusal("LightGBM");

    PerennialException of(String why) {
        return PerennialException.invalid("model", "cannot use this " + library + " model: " + why);
    }
}
