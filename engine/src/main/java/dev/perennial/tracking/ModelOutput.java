package dev.perennial.tracking;

/**
 * A logged model that a run made.
 *
 * @param step of the training at which it was made
 */
public record ModelOutput(String model, long step) {}
