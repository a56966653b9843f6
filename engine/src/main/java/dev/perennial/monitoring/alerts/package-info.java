/**
 * The alert engine as pure functions: signals of a closed window go in, the next state and what to tell people come out. One open alert
 * for each cause, whatever else it breaks. Start at {@link dev.perennial.monitoring.alerts.AlertBoard}.
 */
@NullMarked
package dev.perennial.monitoring.alerts;

import org.jspecify.annotations.NullMarked;
