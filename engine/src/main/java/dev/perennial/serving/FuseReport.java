package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ModelId;

/** A scorer took a variant's traffic away by itself. */
public record FuseReport(String id, ModelId model, int number, String reason, JsonNode body, long reportedAt) {}
