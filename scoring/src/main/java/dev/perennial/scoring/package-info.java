/**
 * Models that score rows: the signature, our own evaluator of XGBoost trees, ONNX Runtime. Start at {@link
 * dev.perennial.scoring.ModelLoader}. Used by the scorer and by workers, never by the server.
 */
@NullMarked
package dev.perennial.scoring;

import org.jspecify.annotations.NullMarked;
