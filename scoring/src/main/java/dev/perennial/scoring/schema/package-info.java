/**
 * MLflow's signatures: what a model's callers may send by MLflow's scoring protocol, how such bodies are read, and how their values become
 * those that the signature names; strictly, or as MLflow's own server does it.
 */
@NullMarked
package dev.perennial.scoring.schema;

import org.jspecify.annotations.NullMarked;
