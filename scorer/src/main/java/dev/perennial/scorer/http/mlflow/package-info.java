/**
 * MLflow's scoring protocol, as its clients and its own server speak it. Start at {@link
 * dev.perennial.scorer.http.mlflow.MlflowProtocol}; what bodies mean stands in {@link dev.perennial.scoring.schema}.
 */
@NullMarked
package dev.perennial.scorer.http.mlflow;

import org.jspecify.annotations.NullMarked;
