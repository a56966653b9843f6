/**
 * What happened to served predictions: days, windows, drift, harm, alerts. Start at {@link dev.perennial.monitoring.Monitoring}.
 */
@NullMarked
package dev.perennial.monitoring;

import org.jspecify.annotations.NullMarked;
