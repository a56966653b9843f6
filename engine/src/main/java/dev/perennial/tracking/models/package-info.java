/**
 * Models that clients log: files with a status, parameters, tags and metrics of their own. Start at {@link
 * dev.perennial.tracking.models.LoggedModels}.
 */
@NullMarked
package dev.perennial.tracking.models;

import org.jspecify.annotations.NullMarked;
