package dev.perennial.scorings;

import org.jspecify.annotations.Nullable;

/**
 * What somebody asks for.
 *
 * @param target as told to people
 * @param project of the registered model that scores; null for one of a lifecycle, and for an endpoint
 * @param subject model or endpoint by whose rights the job is seen
 * @param by who asks
 * @param input absolute path on the server's machine; null when the file will be sent
 * @param name of a file that will be sent; ignored otherwise
 * @param digest sha256 of a file that will be sent
 * @param format null for what the name tells
 * @param resultFormat null for that of the input
 * @param output null for a name beside the input
 */
public record ScoringOrder(
        String target,
        @Nullable String project,
        String subject,
        ScoringJob.Pinned pinned,
        String by,
        @Nullable String input,
        @Nullable String name,
        @Nullable String digest,
        @Nullable String format,
        @Nullable String resultFormat,
        @Nullable String output,
        boolean force,
        @Nullable Long errorsMax) {}
