/**
 * What is known of one day of served rows, and what follows from many: mergeable day atoms, drift verdicts, findings against the
 * contract, performance and harm. Pure: no clock, no store. Start at {@link dev.perennial.monitoring.atoms.AtomCollector} and {@link
 * dev.perennial.monitoring.atoms.DriftMonitor}.
 */
@NullMarked
package dev.perennial.monitoring.atoms;

import org.jspecify.annotations.NullMarked;
