/**
 * Features as rows arrive: small event-time operators that see only what has become known. The serving twin of the worker's SQL engine.
 * Start at {@link dev.perennial.features.FeatureEngine}.
 */
@NullMarked
package dev.perennial.features;

import org.jspecify.annotations.NullMarked;
