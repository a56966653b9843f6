/** The stream of what happened, for the live UI, the command line and webhooks. Start at {@link dev.perennial.events.EventLog}. */
@NullMarked
package dev.perennial.events;

import org.jspecify.annotations.NullMarked;
