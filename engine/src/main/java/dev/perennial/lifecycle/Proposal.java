package dev.perennial.lifecycle;

import dev.perennial.lifecycle.file.LifecycleFile;
import org.jspecify.annotations.Nullable;

/**
 * A candidate that a person proposes: made by another lifecycle file, or a model from outside.
 *
 * @param actor who proposes it, {@code user:NAME}
 * @param file makes the candidate; null: the file in force
 * @param manifest digest of the outside model's manifest, null to train
 * @param model digest of the outside model's file, null to train
 * @param declaredUntil until when someone says the outside model was trained
 * @param injected belongs to a drill
 */
public record Proposal(
        String actor,
        String reason,
        @Nullable LifecycleFile file,
        @Nullable String manifest,
        @Nullable String model,
        @Nullable Long declaredUntil,
        boolean injected) {}
