package dev.perennial.tracking.models;

/** A registered version that was made from a logged model. */
public record Registration(String model, int version) {}
