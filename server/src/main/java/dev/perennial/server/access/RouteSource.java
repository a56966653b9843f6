package dev.perennial.server.access;

import java.util.List;

/** Whoever answers requests by routes of its own and says what they need. */
public interface RouteSource {
    List<DeclaredRoute> routes();
}
