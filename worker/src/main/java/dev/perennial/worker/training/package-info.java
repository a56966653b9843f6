/**
 * Training and evaluation inside a worker: {@link dev.perennial.worker.training.TrainStep} makes a model from snapshot parts,
 * {@link dev.perennial.worker.training.EvaluateStep} measures it, {@link dev.perennial.worker.training.BlindStep} computes what other
 * policies would have cost. Start at {@link dev.perennial.worker.training.TrainStep}.
 */
@NullMarked
package dev.perennial.worker.training;

import org.jspecify.annotations.NullMarked;
