/**
 * Access over HTTP: {@link dev.perennial.server.access.AccessGate} finds out who calls before any handler runs, {@link
 * dev.perennial.server.access.NeedsFilter} checks the rights of the product's own routes. Those of MLflow's calls are checked in the
 * package of the MLflow routes.
 */
@NullMarked
package dev.perennial.server.access;

import org.jspecify.annotations.NullMarked;
