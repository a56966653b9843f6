/**
 * Statistics as pure functions and mergeable states: drift scores and the tolerance test, metrics with intervals, clustered rows, online
 * detectors. No I/O, no clock; randomness comes from seeds that callers derive from what is judged. Data that cannot be judged give a
 * status or an undefined value, never an exception. Start at {@link dev.perennial.statistics.ToleranceTest} and {@link
 * dev.perennial.statistics.ClusterBootstrap}.
 */
@NullMarked
package dev.perennial.statistics;

import org.jspecify.annotations.NullMarked;
