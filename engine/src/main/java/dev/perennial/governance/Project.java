package dev.perennial.governance;

/**
 * A name space of experiments, models, lifecycles and endpoints.
 *
 * @param artifactLocation of its new experiments; empty for this server
 */
public record Project(String name, String description, String artifactLocation, long createdAt) {}
