package dev.perennial.tracking.models;

import dev.perennial.tracking.Metric;

/**
 * A value that was measured for a logged model; of each metric on each dataset the latest.
 *
 * @param run that logged it
 */
public record ModelMetric(String run, Metric metric) {}
