package dev.perennial.server.access;

import dev.perennial.governance.Right;

/**
 * A route and what it needs.
 *
 * @param path with variables in braces
 * @param on what the right is on
 */
public record DeclaredRoute(String method, String path, Right right, String on) {}
