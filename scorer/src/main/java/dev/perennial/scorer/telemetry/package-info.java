/** What the scorer tells of itself: metrics in Prometheus' formats, and traces. */
@NullMarked
package dev.perennial.scorer.telemetry;

import org.jspecify.annotations.NullMarked;
