/** The wire of MLflow's tracking clients, in front of the tracking room. Start at {@link dev.perennial.server.mlflow.MlflowRoutes}. */
@NullMarked
package dev.perennial.server.mlflow;

import org.jspecify.annotations.NullMarked;
