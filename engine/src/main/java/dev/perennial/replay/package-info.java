/**
 * A model's life on past data: a driver plays it in event time, barrier by barrier, inside a scope of its own. Start at {@link
 * dev.perennial.replay.Replays}.
 */
@NullMarked
package dev.perennial.replay;

import org.jspecify.annotations.NullMarked;
