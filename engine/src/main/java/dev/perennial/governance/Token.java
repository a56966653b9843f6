package dev.perennial.governance;

import org.jspecify.annotations.Nullable;

/**
 * A token as lists show it, without its secret.
 *
 * @param project the only one that it is for; null for all of its owner's
 * @param role the most that it may do; null for all that its owner may
 * @param scope the one thing that it is for; null for all that its owner may
 * @param usedAt to the minute; null when it never was
 */
public record Token(
        String id,
        long account,
        String owner,
        String kind,
        String name,
        @Nullable String project,
        @Nullable Role role,
        @Nullable TokenScope scope,
        long createdAt,
        long expiresAt,
        @Nullable Long usedAt,
        @Nullable Long revokedAt) {}
