/**
 * Experiments and their runs: metrics, parameters, tags, dataset inputs and artifacts. Start at {@link dev.perennial.tracking.TrackingRuns}.
 */
@NullMarked
package dev.perennial.tracking;

import org.jspecify.annotations.NullMarked;
